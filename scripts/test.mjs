import { continueWith } from './install.mjs';

continueWith('scripts/test-stages.ts');
