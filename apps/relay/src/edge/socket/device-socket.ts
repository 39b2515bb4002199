import { MAX_FRAME_BYTES } from '@parley/sync/model';
import { type Bye, encode, type Fault } from '@parley/sync/protocol';
import WebSocket from 'ws';

/** RFC 6455: the message was too big to be processed. */
const TOO_BIG = 1009;

/**
 * A socket that says in the protocol's own words why it closes over a frame that is too large. `ws` closes it as soon as
 * it has read the frame's header, before anybody is told, so the words have to be put in front of that.
 */
export class DeviceSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (code === TOO_BIG && this.readyState === WebSocket.OPEN) {
      const detail = `A frame has at most ${MAX_FRAME_BYTES} bytes; send less at once.`;
      this.send(encode({ m: 'fault', code: 'too_large', detail } satisfies Fault));
      this.send(encode({ m: 'bye', code: 'abuse', detail } satisfies Bye));
    }
    super.close(code, reason);
  }
}
