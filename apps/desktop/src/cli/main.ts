import { enableCompileCache } from 'node:module';
import { compileCacheDirectory } from './compile-cache.ts';

// Half of a short command's time is compiling what was compiled the last time. Everything else is imported after this.
enableCompileCache(compileCacheDirectory());
await import('./run.ts');
