import type { ChannelId } from '@parley/sync/model';
import { literal, type Scope, type ViewValues } from '../views/view.ts';

/** Which part of a replica is exported; null for everything. */
export interface ExportPart {
  readonly channels: readonly { readonly ch: ChannelId; readonly label: string }[] | null;
  /** Relay time of messages, ms: from here on, and up to but not including. */
  readonly since: number | null;
  readonly until: number | null;
}

function inRange(table: string, { since, until }: ExportPart): string {
  const bounds = [since === null ? '' : `${table}.at >= ${since}`, until === null ? '' : `${table}.at < ${until}`];
  return bounds.filter(Boolean).join(' AND ');
}

/** Messages of the time asked for, and those that replies of that time hang on. */
function messagesOf(part: ExportPart, within: string | null): string | undefined {
  const range = inRange('"message"', part);
  const timely =
    range === ''
      ? null
      : `(${range} OR ("message".replies > 0 AND EXISTS (SELECT 1 FROM main."message" r WHERE r.thread = "message".id AND ${inRange('r', part)})))`;
  const conditions = [within && `"message".ch ${within}`, timely].filter((each) => each !== null);
  return conditions.length ? conditions.join(' AND ') : undefined;
}

/** Everyone who can be met in these conversations: whoever is handed a channel is not handed the company's telephone book. */
const peopleOf = (within: string, me: string): string => `"user".id = ${me} OR "user".id IN (
  SELECT user FROM main."member" WHERE ch ${within}
  UNION SELECT creator FROM main."channel" WHERE ch ${within}
  UNION SELECT author FROM main."message" WHERE ch ${within}
  UNION SELECT pinned_by FROM main."message" WHERE ch ${within} AND pinned_by IS NOT NULL
  UNION SELECT extra ->> '$.about' FROM main."message" WHERE ch ${within} AND kind = 'note'
  UNION SELECT user FROM main."mention" WHERE ch ${within}
  UNION SELECT p.value FROM main."message" m, json_each(m.reactions) e, json_each(e.value, '$[1]') p
    WHERE m.ch ${within} AND m.reactions <> '[]')`;

/** What the documented views are to show for a part of a replica. */
export function scopeOf(values: ViewValues, part: ExportPart): Scope {
  const within = part.channels && `IN (${part.channels.map(({ ch }) => literal(ch)).join(', ')})`;
  const message = messagesOf(part, within);
  return {
    values,
    where: {
      ...(message === undefined ? {} : { message }),
      ...(within === null
        ? {}
        : {
            channel: `"channel".ch ${within}`,
            user: peopleOf(within, literal(values.me)),
            saved: `"saved".ch ${within}`,
            draft: `"draft".ch ${within}`,
            outbox: `CASE WHEN "outbox".op ->> '$.s' GLOB '[cm]:*' THEN substr("outbox".op ->> '$.s', 3) ELSE "outbox".op ->> '$.b.ch' END ${within}`,
            // Nothing of these belongs to a conversation.
            directory: 'FALSE',
            pref: 'FALSE',
          }),
    },
  };
}
