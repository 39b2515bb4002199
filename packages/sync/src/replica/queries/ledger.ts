import { type ChannelId, type LedgerEntryView, type LedgerState, parseStream } from '../../model/mod.ts';
import type { OutboxEntry } from '../outbox.ts';
import type { QueryContext } from './context.ts';

const STATE: Readonly<Record<OutboxEntry['state']['is'], LedgerState>> = {
  queued: 'queued',
  sent: 'sent',
  acked: 'sent',
  failed: 'failed',
};

/** Reading places and drafts keep themselves; the ledger lists what a person would call having done something. */
const SILENT = new Set(['read.set', 'read.thread', 'draft.set']);

/** Everything unconfirmed, in the order it was done, with its reason where it was refused. */
export function ledger(ctx: QueryContext): readonly LedgerEntryView[] {
  return ctx.replica.outbox
    .entries()
    .filter(({ intent, state }) => !SILENT.has(intent.k) || state.is === 'failed')
    .map((entry) => {
      const { intent, state } = entry;
      const parts = parseStream(intent.s);
      const body = intent.b as { text?: string; ch?: ChannelId };
      const ch = 'channel' in parts ? parts.channel : (body.ch ?? null);
      return {
        key: intent.i,
        id: intent.i,
        kind: intent.k,
        ch,
        channel: ch ? ctx.conversationLabel(ch) : '',
        summary: summaryOf(ctx, entry),
        text: body.text ?? null,
        at: intent.t,
        state: STATE[state.is],
        code: state.is === 'failed' ? state.code : null,
        detail: state.is === 'failed' ? state.detail : null,
        attempts: entry.attempts,
      };
    });
}

function summaryOf(ctx: QueryContext, { intent }: OutboxEntry): string {
  const body = intent.b as Record<string, unknown>;
  const value = ['text', 'name', 'topic', 'purpose', 'emoji', 'key']
    .map((field) => body[field])
    .find((v) => typeof v === 'string');
  const line = typeof value === 'string' ? (value.split('\n', 1)[0] ?? '') : '';
  return ctx.readable(line);
}
