/** What an interface needs at run time: dependency-free, so that a window's bundle carries no validators. */
export * from './limits.ts';
export * from './mentions.ts';
export { assertNever, must } from './must.ts';
export { channelNameOf, channelNameProblem, foldText } from './text.ts';
