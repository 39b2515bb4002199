import type { DeviceId, UserId } from '@parley/sync/model';
import type { Bye, Frame } from '@parley/sync/protocol';

/**
 * A socket as the room sees it. A string is a text frame; a `Buffer` holds the UTF-8 of a text frame that many sockets
 * share, encoded once; a plain `Uint8Array` is a binary frame. Nothing a room sends may be changed by the receiver.
 */
export interface Wire {
  send(frame: Frame | Buffer): void;
  /** Bytes handed to `send` that have not left the process. */
  readonly bufferedBytes: number;
  /** Sends the farewell and ends the connection; the room uses the wire no more. */
  close(bye: Bye): void;
  /** A fresh token for the session under way; who holds accounts checks it and closes the wire if it is no good. */
  auth?(token: string): void;
}

/** What the edge holds of a device that was let in. */
export interface RoomSession {
  /** A frame from the device, unchecked. */
  receive(frame: Frame): void;
  /** The socket is gone. */
  closed(): void;
}

/** Who the edge found to be behind a socket. */
export interface Identity {
  readonly user: UserId;
  readonly device: DeviceId;
}
