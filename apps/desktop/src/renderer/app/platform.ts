/** On a Mac the shortcuts hang on Cmd instead of Ctrl. */
export const isMac = /Mac/.test(navigator.platform);
