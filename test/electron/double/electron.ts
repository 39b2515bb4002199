import { answered } from './questions.ts';
import { record } from './records.ts';

/** What `import … from 'electron'` gives main: see README.md. */
export { app } from './app.ts';
export { BrowserWindow } from './browser-window.ts';
export { ipcMain } from './ipc-main.ts';
export { MessageChannelMain } from './port.ts';
export { safeStorage } from './safe-storage.ts';
export { session } from './session.ts';
export { utilityProcess } from './utility-process.ts';

export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown): void => record('schemes', schemes),
};
export const shell = {
  openExternal: async (url: string): Promise<void> => record('opened', url),
};
export const dialog = {
  showErrorBox: (title: string, content: string): void => record('errors', { title, content }),
  async showMessageBox(options: unknown): Promise<{ response: number; checkboxChecked: boolean }> {
    record('questions', options);
    return { response: await answered(), checkboxChecked: false };
  },
};
export const Menu = {
  buildFromTemplate: (template: unknown): unknown => template,
  setApplicationMenu: (menu: unknown): void => record('menus', menu),
};
export const nativeTheme = { shouldUseDarkColors: false };
export const screen = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
};
