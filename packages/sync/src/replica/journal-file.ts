/**
 * Where a journal lies. What is appended or cut is the operating system's until `sync` returns, so a power failure may
 * leave any part of it, and then of what came last first; `replace` leaves the former content or the next one, whole.
 * Every method throws what the system says where it can't be done, and has then changed nothing that was synced.
 */
export interface JournalFile {
  /** All of it; empty where there is none. */
  read(): Uint8Array;
  append(bytes: Uint8Array): void;
  /** Takes back everything from `length` on. */
  cut(length: number): void;
  /** What was appended and cut is on the disk when this returns. */
  sync(): void;
  /** Puts another content in place of the former; on the disk when this returns. */
  replace(bytes: Uint8Array): void;
  close(): void;
}
