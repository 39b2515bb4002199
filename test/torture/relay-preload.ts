/** Loaded before the relay's own program, which knows nothing of it. */
import { obey } from './obey.ts';

obey();
// Orders alone don't keep a relay alive that has been asked to stop.
process.stdin.unref();
