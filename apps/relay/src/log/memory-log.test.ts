import { logStoreContract } from './contract.ts';
import { MemoryLog } from './memory-log.ts';

logStoreContract('the log in memory', () => new MemoryLog());
