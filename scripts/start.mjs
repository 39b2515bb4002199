import { continueWith } from './install.mjs';

continueWith('scripts/demo/main.ts');
