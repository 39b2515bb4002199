import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the window. Its page is served by our own shells under a policy that allows nothing inline. */
export default defineConfig({
  root: join(import.meta.dirname, 'src/renderer'),
  base: './',
  plugins: [react()],
  build: {
    outDir: join(import.meta.dirname, 'dist/renderer'),
    emptyOutDir: true,
    // The Chromium of the Electron we ship; the browser shell asks for the same age.
    target: 'chrome134',
    // Fonts stay files: `font-src 'self'` does not allow data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Read from the disk of the same machine: one file costs less than the wait for a second.
    chunkSizeWarningLimit: 1_000,
  },
});
