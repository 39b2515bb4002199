export { checkInBackground } from './background-check.ts';
export { ReplicaFiles, removeReplica } from './replica-files.ts';
export {
  isUnusable,
  STORAGE_WORDS,
  StorageError,
  type StorageFault,
  storageErrorAt,
  storageFault,
} from './storage-fault.ts';
