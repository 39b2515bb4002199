import type { OpId, RejectCode, UserId } from '@parley/sync/model';
import type { Hello, Verdict, Welcome } from '@parley/sync/protocol';
import { type Acknowledged, CANARY } from '@parley/sync/testing';
import { Wiretap } from '../sim/wiretap.ts';
import type { CursorTrail } from './cursor-trail.ts';
import type { History } from './history.ts';
import { HttpReader } from './proxy/http-reader.ts';
import type { Ear } from './proxy/line.ts';
import { WebSocketReader } from './proxy/websocket-reader.ts';
import type { Tally } from './tally.ts';

/** What went over all lines since the relay's log last began anew. */
export class Era {
  readonly tap = new Wiretap();
  readonly acknowledged: Acknowledged[] = [];
  /** Ops that were refused, and why. */
  readonly refused = new Map<OpId, RejectCode>();
}

/** Whose line it is. */
export interface Overheard {
  readonly name: string;
  readonly user: UserId;
  readonly cursors: CursorTrail;
  era(): Era;
  readonly history: History;
  readonly tally: Tally;
}

const BOOTSTRAP_HEAD = /^\{"bootstrap":1,"cursor":"([^"]+)"/;
/** A word may stand across two pieces of a body. */
const OVERLAP = 16;

/**
 * Listens to one connection of a device: what the relay sent it, whether or not it arrived, and what it said it had.
 * Of what is heard only what an invariant is about is kept.
 */
export function earOn(whose: Overheard): Ear {
  let upgraded = false;
  const up = new WebSocketReader((_, payload) => heardFromDevice(whose, Buffer.from(payload).toString()));
  const down = new WebSocketReader((text, payload) =>
    heardFromRelay(whose, text ? Buffer.from(payload).toString() : payload),
  );
  let answer = 0;
  let before = '';
  const turns = new Map<number, number>();
  const http = new HttpReader({
    begun: (number) => turns.set(number, whose.cursors.turn),
    body: (number, bytes) => {
      if (number !== answer) before = '';
      const text = before + bytes.toString('latin1');
      whose.era().tap.takeWords(whose.user, text.match(CANARY) ?? []);
      const cursor = number === answer ? undefined : BOOTSTRAP_HEAD.exec(text)?.[1];
      if (cursor) whose.cursors.given(cursor, turns.get(number));
      answer = number;
      before = text.slice(-OVERLAP);
    },
    upgraded: () => {
      upgraded = true;
    },
    rest: (bytes) => down.take(bytes),
  });
  return {
    // Before the upgrade it is a request, which may hold a password and no word of a conversation.
    up: (bytes) => upgraded && up.take(bytes),
    down: (bytes) => http.take(bytes),
    closed: () => http.close(),
  };
}

const kindOf = (text: string): string => /^\{"m":"(\w+)"/.exec(text)?.[1] ?? '?';

function heardFromDevice({ name, cursors, history, tally }: Overheard, text: string): void {
  switch (kindOf(text)) {
    case 'hello': {
      const { cursor, device, p } = JSON.parse(text) as Hello;
      cursors.greeted(cursor);
      history.note(name, '↑ hello', { p, device, cursor });
      tally.count('greetings');
      return;
    }
    case 'push': {
      const { ops } = JSON.parse(text) as { ops: readonly { readonly i: OpId; readonly n: number }[] };
      history.note(name, '↑ push', { ops: ops.map(({ i, n }) => [n, i]) });
      return;
    }
    case 'eph':
      return;
    default:
      history.note(name, `↑ ${kindOf(text)}`, { frame: text.slice(0, 160) });
  }
}

function heardFromRelay({ name, user, cursors, era, history, tally }: Overheard, frame: string | Uint8Array): void {
  const { tap, acknowledged, refused } = era();
  // Bytes in bulk are not a message; what they hold is looked at where it is installed.
  if (typeof frame !== 'string' && frame[0] !== 0x01) return;
  const text = tap.take(user, frame);
  switch (kindOf(text)) {
    case 'eph':
      return;
    case 'ops': {
      const { c, f } = JSON.parse(text) as { c?: string; f: readonly { s: string; q: number; k: string }[] };
      if (c !== undefined) cursors.given(c);
      history.note(name, '↓ ops', { facts: f.map(({ s, q, k }) => `${k} ${s} ${q}`) });
      return;
    }
    case 'welcome': {
      const { epoch, lastN, fork } = JSON.parse(text) as Welcome;
      if (fork !== undefined) cursors.given(fork);
      history.note(name, '↓ welcome', { epoch, lastN, forked: fork !== undefined });
      tally.count('welcomes');
      return;
    }
    case 'verdict': {
      const { v } = JSON.parse(text) as Verdict;
      for (const verdict of v) {
        if (verdict.ok) acknowledged.push({ op: verdict.i, s: verdict.s, q: verdict.q });
        else refused.set(verdict.i, verdict.code);
        tally.count(verdict.ok ? 'acknowledged' : 'refused');
      }
      history.note(name, '↓ verdict', { v });
      return;
    }
    default:
      history.note(name, `↓ ${kindOf(text)}`, { frame: text.slice(0, 160) });
  }
}
