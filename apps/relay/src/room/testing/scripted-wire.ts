import type { Fact } from '@parley/sync/model';
import { type Bye, type Down, decodeDown, type Frame } from '@parley/sync/protocol';
import type { Wire } from '../wire.ts';

type Sent = { [M in Down['m']]: Extract<Down, { m: M }> };

/** A socket in memory. Keeps what was sent, in order, and pretends to drain only when told. */
export class ScriptedWire implements Wire {
  readonly frames: (Frame | Buffer)[] = [];
  readonly messages: Down[] = [];
  bufferedBytes = 0;
  farewell: Bye | null = null;
  readonly tokens: string[] = [];

  send(frame: Frame | Buffer): void {
    if (this.farewell) throw new Error('sent after the end');
    this.frames.push(frame);
    const decoded = decodeDown(Buffer.isBuffer(frame) ? frame.toString('utf8') : frame);
    if (!decoded.ok) throw new Error(`the room sent what no device understands: ${decoded.detail}`);
    this.messages.push(decoded.message);
  }

  close(bye: Bye): void {
    if (this.farewell) throw new Error('closed twice');
    this.farewell = bye;
  }

  auth(token: string): void {
    this.tokens.push(token);
  }

  of<M extends Down['m']>(kind: M): Sent[M][] {
    return this.messages.filter((message): message is Sent[M] => message.m === kind);
  }

  /** Facts received, in order. */
  facts(): Fact[] {
    return this.of('ops').flatMap((frame) => frame.f);
  }

  /** The token of the last frame that moved the cursor. */
  cursor(): string | null {
    return (
      this.of('ops')
        .flatMap((frame) => frame.c ?? [])
        .at(-1) ?? null
    );
  }

  verdicts() {
    return this.of('verdict').flatMap((frame) => frame.v);
  }

  /** Forgets what was received. */
  clear(): void {
    this.frames.length = 0;
    this.messages.length = 0;
  }
}
