import { atLeast, type Intent, labelProblem, reject } from '../../model/mod.ts';
import type { StateView } from '../view.ts';
import { accept, type DecideContext, type Decision, factOf, roleOf } from './context.ts';

export function decideWsSet(view: StateView, intent: Intent<'ws.set'>, ctx: DecideContext): Decision {
  if (!atLeast(roleOf(view, ctx) ?? 'guest', 'admin'))
    return reject('forbidden', 'Only admins and owners may change the workspace.');
  const problem = intent.b.name === undefined ? null : labelProblem('The name', intent.b.name, 80);
  if (problem) return reject('malformed', problem);
  for (const ch of intent.b.settings?.defaultChannels ?? []) {
    const row = view.get('channel', ch);
    if (row?.kind !== 'public' || row.deleted)
      return reject('unknown_ref', 'A default channel is a public channel of this workspace.');
  }
  return accept(factOf(intent));
}

/** First bytes of the types a custom emoji may have: what the data URL claims has to be what it holds. */
const MAGIC: Readonly<Record<string, RegExp>> = {
  png: /^\x89PNG\r\n/,
  gif: /^GIF8/,
  jpeg: /^\xff\xd8\xff/,
  webp: /^RIFF.{4}WEBP/s,
};

export function decideEmojiAdd(view: StateView, intent: Intent<'emoji.add'>, ctx: DecideContext): Decision {
  if (!atLeast(roleOf(view, ctx) ?? 'guest', 'member')) return reject('forbidden', 'Guests may not add emoji.');
  const { name, image } = intent.b;
  const existing = view.get('emoji', name);
  if (existing && !existing.gone) return reject('name_taken', `There is an emoji :${name}: already.`);
  const type = image.slice('data:image/'.length, image.indexOf(';'));
  const comma = image.indexOf(',') + 1;
  const start = Buffer.from(image.slice(comma, comma + 24), 'base64').toString('latin1');
  if (!MAGIC[type]?.test(start)) return reject('malformed', `The picture is not the ${type} it says it is.`);
  return accept(factOf(intent));
}

export function decideEmojiRemove(view: StateView, intent: Intent<'emoji.remove'>, ctx: DecideContext): Decision {
  const row = view.get('emoji', intent.b.name);
  if (!row || row.gone) return reject('target_gone', `There is no emoji :${intent.b.name}:.`);
  if (row.by !== ctx.actor && !atLeast(roleOf(view, ctx) ?? 'guest', 'admin'))
    return reject('forbidden', 'Only the one who added it or an admin may remove an emoji.');
  return accept(factOf(intent));
}
