import { EventEmitter } from 'node:events';

/** Electron's `ipcMain`: what preload scripts send arrives as events named by channel. */
export const ipcMain = new EventEmitter();
