import type { DocumentedView, ViewColumn } from './view.ts';

/** Who is named by an id that this machine does not know. */
export const UNKNOWN_PERSON = 'Unknown person';
/** Name of the function that makes `@handle` and `#channel` of the ids in a text. */
export const READABLE_TEXT = 'readable_text';

const of =
  (type: ViewColumn['type']) =>
  (sql: string, about: string, refers?: string): ViewColumn => ({ type, sql, about, ...(refers ? { refers } : {}) });
const text = of('text');
const number = of('number');
const flag = of('flag');

/** Milliseconds as a time; 0 stands for none. */
const time = (sql: string, about: string): ViewColumn => ({
  type: 'time',
  about,
  sql: `CASE WHEN ${sql} > 0 THEN strftime('%Y-%m-%dT%H:%M:%fZ', ${sql} / 1000.0, 'unixepoch') END`,
});

const nameOf = (user: string): string =>
  `ifnull((SELECT name FROM main."user" WHERE id = ${user}), '${UNKNOWN_PERSON}')`;

/** Mentions are ids where a text is stored; most texts have none, and need no function called. */
const readable = (sql: string): string => `CASE WHEN instr(${sql}, '<') THEN ${READABLE_TEXT}(${sql}) ELSE ${sql} END`;
const stored = (sql: string): string =>
  `CASE WHEN instr(${sql}, '<') THEN nullif(${sql}, ${READABLE_TEXT}(${sql})) END`;

/** What a conversation was read up to: the marker, or one's own later message. */
const READ_UP_TO = `CASE WHEN r.ord IS NULL THEN ifnull(p.ord, 0)
    WHEN ifnull(p.ord, 0) > r.asof THEN max(r.ord, ifnull(p.ord, 0)) ELSE r.ord END`;

/** The latest text of every draft that has not reached the relay; drafts wait in the outbox as everything does. */
const WAITING_DRAFTS = `SELECT op ->> '$.b.ch' AS ch, ifnull(op ->> '$.b.root', '') AS root, op ->> '$.b.text' AS text,
    op ->> '$.t' AS at, max(seq) FROM $outbox WHERE op ->> '$.k' = 'draft.set' GROUP BY 1, 2`;

/** Everything the console and an export show, in the order they list it. */
export const DOCUMENTED_VIEWS: readonly DocumentedView[] = [
  {
    name: 'workspace',
    about: 'One row: which workspace this is, and who you are in it.',
    columns: {
      id: text('$ws', 'The workspace.'),
      name: text('$name', 'What it is called.'),
      relay: text('$relay', 'Address of its relay.'),
      me: text('$me', 'You, in `people`.'),
      complete: flag('CAST($complete AS INTEGER)', 'Everything you may see is on this machine.'),
    },
    from: '',
    key: ['id'],
    order: 'id',
  },
  {
    name: 'people',
    about: 'Everyone of the workspace that this machine knows.',
    columns: {
      id: text('u.id', 'The person.'),
      name: text('u.name', 'Display name.'),
      handle: text('u.handle', 'What is typed after `@`.'),
      email: text('u.email', 'E-mail address, where it is shown to you.'),
      role: text('u.role', '`owner`, `admin`, `member` or `guest`.'),
      bot: flag('u.bot', 'An app rather than a person.'),
      active: flag('u.active', 'May use the workspace; 0 for those who were deactivated.'),
      title: text('u.title', 'What they do.'),
      pronouns: text('u.pronouns', 'How they are spoken of.'),
      phone: text('u.phone', 'Phone number.'),
      time_zone: text('u.tz', 'Time zone, such as `Europe/Berlin`.'),
      status_emoji: text('u.status_emoji', 'Emoji of the status.'),
      status_text: text('u.status_text', 'Text of the status.'),
      status_until: time('u.status_until', 'When the status ends; empty for never.'),
      picture: text('u.avatar', 'Profile picture as a `data:` URL.'),
    },
    from: 'FROM $user u',
    key: ['id'],
    indexes: [['handle'], ['name']],
    order: 'u.id',
  },
  {
    name: 'conversations',
    about: 'Channels and direct conversations you may read.',
    columns: {
      id: text('c.ch', 'The conversation.'),
      kind: text('c.kind', '`public`, `private`, `dm` (with one person or alone) or `group`.'),
      name: text(
        `CASE WHEN c.kind IN ('public', 'private') THEN c.name ELSE ifnull(
    (SELECT group_concat(${nameOf('n.user')}, ', ' ORDER BY ${nameOf('n.user')}) FROM $member n
      WHERE n.ch = c.ch AND n.active = 1 AND n.user <> $me), ${nameOf('$me')}) END`,
        'A channel’s name without `#`, or the names of the other people.',
      ),
      topic: text('c.topic', 'What it is about just now.'),
      purpose: text('c.purpose', 'What it is for.'),
      archived: flag('c.archived', 'Nothing new can be written.'),
      joined: flag(
        'EXISTS (SELECT 1 FROM $joined j WHERE j.user = $me AND j.ch = c.ch AND j.active = 1)',
        'You are in it.',
      ),
      creator: text('c.creator', 'Who made it.', 'people'),
      created_at: time('c.at', 'When it was made.'),
      last_message_at: time('c.last_at', 'When the latest message came.'),
      starred: flag('ifnull(o.star, 0)', 'You starred it.'),
      muted: flag('ifnull(o.mute, 0)', 'You muted it.'),
      notify: text(`ifnull(o.notify, 'default')`, 'What you are told of: `default`, `all`, `mentions` or `nothing`.'),
    },
    from: 'FROM $channel c LEFT JOIN $chan_pref o ON o.user = $me AND o.ch = c.ch WHERE c.deleted = 0',
    key: ['id'],
    indexes: [['name']],
    order: 'name, id',
  },
  {
    name: 'members',
    about: 'Who is in which conversation.',
    columns: {
      conversation: text('n.ch', 'The conversation.', 'conversations'),
      person: text('n.user', 'Who is in it.', 'people'),
      role: text('n.role', '`admin` or `member` of the conversation.'),
      since: time('n.at', 'When they came.'),
    },
    from: 'FROM $member n JOIN $channel c ON c.ch = n.ch AND c.deleted = 0 WHERE n.active = 1',
    key: ['conversation', 'person'],
    indexes: [['person']],
    order: 'conversation, person',
  },
  {
    name: 'messages',
    about: 'Every message this machine holds, replies and notes (“Ada joined”) among them.',
    columns: {
      id: text('m.id', 'The message.'),
      conversation: text('m.ch', 'Where it stands.', 'conversations'),
      seq: number(
        'm.q',
        'Its place: messages of a conversation are read in this order, which is the same for everyone.',
      ),
      author: text('m.author', 'Who wrote it.', 'people'),
      author_name: text(
        `ifnull(m.extra ->> '$.bot.name', ${nameOf('m.author')})`,
        'Their display name, or what an app called itself.',
      ),
      kind: text('m.kind', '`post`, `me` (“* Ada waves”), `bot` or `note`.'),
      sent_at: time('m.at', 'When the relay took it.'),
      written_at: time('m.t', 'When its author wrote it, by their clock.'),
      text: text(readable('m.text'), 'Markdown; mentions as `@handle` and `#channel`. Empty once deleted.'),
      source: text(stored('m.text'), 'The text as it is stored, with ids for mentions; empty where that is the same.'),
      thread: text('m.thread', 'For a reply, the message it replies to (which may not be on this machine).'),
      in_conversation: flag(
        'm.thread IS NULL OR m.also = 1',
        'It stands in the conversation itself, not in a thread alone.',
      ),
      replies: number('max(0, m.replies - m.replies_gone)', 'How many replies it has.'),
      last_reply_at: time('m.last_reply_at', 'When the latest reply came.'),
      edited_at: time('m.edited_at', 'When it was last changed; empty for never.'),
      edited_twice: flag('m.conflict', 'Two people changed it at once; both texts are in `edits`.'),
      pinned_by: text('m.pinned_by', 'Who pinned it.'),
      pinned_at: time('m.pinned_at', 'When it was pinned.'),
      deleted: flag('m.deleted', 'It was deleted; its text is gone.'),
      note: text(
        `m.extra ->> '$.note'`,
        'For a note, what happened: `join`, `leave`, `remove`, `topic`, `purpose`, `rename`, `archive`, `unarchive`, `convert`.',
      ),
      about: text(`m.extra ->> '$.about'`, 'For a note, the person it is about or the new value.'),
      imported_ts: text(
        `m.extra ->> '$.ts'`,
        'For an imported message, its timestamp where it came from, to the letter.',
      ),
    },
    from: 'FROM $message m',
    key: ['id'],
    indexes: [['conversation', 'seq'], ['author'], ['sent_at'], ['thread', 'seq']],
    order: 'conversation, seq',
  },
  {
    name: 'threads',
    about: 'Messages with replies.',
    columns: {
      root: text('m.id', 'The message that was replied to.', 'messages'),
      conversation: text('m.ch', 'Where it stands.', 'conversations'),
      started_by: text('m.author', 'Who wrote the message.', 'people'),
      started_at: time('m.at', 'When it was sent.'),
      replies: number('m.replies - m.replies_gone', 'How many replies it has.'),
      last_reply_at: time('m.last_reply_at', 'When the latest one came.'),
      following: flag(
        `ifnull((SELECT f.active FROM $follow f WHERE f.user = $me AND f.root = m.id), m.author = $me
    OR EXISTS (SELECT 1 FROM main."message" o WHERE o.thread = m.id AND o.author = $me)
    OR EXISTS (SELECT 1 FROM $mention n WHERE n.msg = m.id AND n.user IN ($me, '*')))`,
        'You follow it: you began it, wrote in it, were named in it or said so.',
      ),
      unread: number(
        `max(0, m.replies - max(ifnull((SELECT t.tord FROM $thread_read t WHERE t.user = $me AND t.root = m.id), 0),
    ifnull((SELECT max(o.tord) FROM main."message" o WHERE o.thread = m.id AND o.author = $me), 0)))`,
        'Replies since you last read it or wrote in it.',
      ),
    },
    from: 'FROM $message m WHERE m.replies > m.replies_gone',
    key: ['root'],
    indexes: [['conversation', 'last_reply_at']],
    order: 'm.ch, m.q',
  },
  {
    name: 'reactions',
    about: 'Who answered a message with which emoji.',
    columns: {
      message: text('m.id', 'The message.', 'messages'),
      emoji: text(`e.value ->> '$[0]'`, 'The emoji, or `:name:` of one in `emoji`.'),
      person: text('p.value', 'Who used it.', 'people'),
    },
    from: `FROM $message m, json_each(m.reactions) e, json_each(e.value, '$[1]') p WHERE m.reactions <> '[]'`,
    key: ['message', 'emoji', 'person'],
    indexes: [['person']],
    order: 'm.ch, m.q',
  },
  {
    name: 'mentions',
    about: 'Whom a message addresses.',
    columns: {
      message: text('n.msg', 'The message.', 'messages'),
      conversation: text('n.ch', 'Where it stands.', 'conversations'),
      person: text(`nullif(n.user, '*')`, 'Who is named; empty where it is everyone in the conversation.'),
    },
    from: 'FROM $mention n JOIN $message m ON m.id = n.msg',
    key: [],
    indexes: [['message'], ['person', 'conversation']],
    order: 'n.msg, n.user',
  },
  {
    name: 'files',
    about: 'Files that messages name. Their contents are not part of the replica.',
    columns: {
      message: text('m.id', 'The message.', 'messages'),
      place: number('f.key + 1', 'Which of its files, from 1.'),
      id: text(`f.value ->> '$.id'`, 'The file.'),
      name: text(`f.value ->> '$.name'`, 'File name.'),
      type: text(`f.value ->> '$.mime'`, 'Media type, such as `image/png`.'),
      size: number(`f.value ->> '$.size'`, 'Bytes.'),
      url: text(`f.value ->> '$.url'`, 'Where an imported one came from.'),
    },
    from: `FROM $message m, json_each(m.files) f WHERE m.files <> '[]'`,
    key: ['message', 'place'],
    order: 'm.ch, m.q',
  },
  {
    name: 'edits',
    about: 'What edited messages said before, oldest first.',
    columns: {
      message: text('m.id', 'The message.', 'messages'),
      number: number('h.key + 1', 'Which of its former texts, from 1.'),
      text: text(readable(`(h.value ->> '$.text')`), 'The text, as in `messages`.'),
      source: text(stored(`(h.value ->> '$.text')`), 'As it is stored; empty where that is the same.'),
      written_at: time(`(h.value ->> '$.at')`, 'Since when it said so.'),
    },
    from: `FROM $message m, json_each(m.history) h WHERE m.history <> '[]'`,
    key: ['message', 'number'],
    order: 'm.ch, m.q',
  },
  {
    name: 'saved',
    about: 'Messages you saved for later.',
    columns: {
      message: text('s.msg', 'The message (which may not be on this machine).'),
      conversation: text('s.ch', 'Where it stands.'),
      saved_at: time('s.at', 'When you saved it.'),
    },
    from: 'FROM $saved s WHERE s.user = $me AND s.active = 1',
    key: ['message'],
    order: 's.at, s.msg',
  },
  {
    name: 'drafts',
    about: 'What you began to write, also on other devices.',
    columns: {
      conversation: text('d.ch', 'Where it is to be sent.'),
      thread: text(`nullif(d.root, '')`, 'The message it replies to.'),
      text: text(readable('d.text'), 'The text so far.'),
      changed_at: time('d.at', 'When it was last changed.'),
    },
    from: `FROM (SELECT w.ch, w.root, w.text, w.at FROM (${WAITING_DRAFTS}) w
  UNION ALL SELECT a.ch, a.root, a.text, a.at FROM $draft a
    WHERE a.user = $me AND (a.ch, a.root) NOT IN (SELECT w.ch, w.root FROM (${WAITING_DRAFTS}) w)) d
WHERE d.text <> ''`,
    key: [],
    order: 'conversation, thread',
  },
  {
    name: 'unread',
    about: 'Conversations with something you have not read, as the relay has it.',
    columns: {
      conversation: text('u.ch', 'The conversation.', 'conversations'),
      messages: number('u.unread', 'How many messages, replies in threads apart.'),
      mentions: number(
        `CASE WHEN u.kind IN ('dm', 'group') THEN u.unread ELSE (SELECT count(DISTINCT n.msg) FROM $mention n
    WHERE n.user IN ($me, '*') AND n.ch = u.ch AND n.ord > u.upto) END`,
        'How many of them address you: those that name you or everyone, and all of a direct conversation.',
      ),
    },
    from: `FROM (SELECT i.ch, i.kind, i.upto, i.msgs - i.upto - (SELECT count(*) FROM main."message" g
      WHERE g.ch = i.ch AND g.ord > i.upto AND g.deleted = 1 AND g.kind <> 'note'
        AND (g.thread IS NULL OR g.also = 1)) AS unread
    FROM (SELECT c.ch, c.kind, c.msgs, ${READ_UP_TO} AS upto FROM $joined j
        JOIN $channel c ON c.ch = j.ch AND c.deleted = 0
        LEFT JOIN $posted p ON p.ch = c.ch AND p.user = $me
        LEFT JOIN $read r ON r.user = $me AND r.ch = c.ch
      WHERE j.user = $me AND j.active = 1) i
    WHERE i.msgs > i.upto) u
WHERE u.unread > 0`,
    key: ['conversation'],
    order: 'conversation',
  },
  {
    name: 'unsent',
    about:
      'What you did and the relay has not confirmed, in the order you did it. Nothing of it shows in the other views.',
    columns: {
      id: text(`o.op ->> '$.i'`, 'The op; for a new message, its id too.'),
      what: text(`o.op ->> '$.k'`, 'Its kind, such as `msg.create`, `msg.edit` or `react.add`.'),
      conversation: text(
        `CASE WHEN o.op ->> '$.s' GLOB '[cm]:*' THEN substr(o.op ->> '$.s', 3) ELSE o.op ->> '$.b.ch' END`,
        'The conversation it concerns.',
      ),
      message: text(`o.op ->> '$.b.msg'`, 'The message it changes.'),
      thread: text(`o.op ->> '$.b.thread'`, 'For a reply, the message it replies to.'),
      text: text(
        `CASE WHEN o.op ->> '$.b.text' IS NOT NULL THEN ${readable(`(o.op ->> '$.b.text')`)} END`,
        'What it says.',
      ),
      written_at: time(`(o.op ->> '$.t')`, 'When you did it.'),
      state: text(
        `CASE o.state ->> '$.is' WHEN 'queued' THEN 'queued' WHEN 'failed' THEN 'failed' ELSE 'sent' END`,
        '`queued` here, `sent` and not answered, or `failed`: refused.',
      ),
      code: text(`o.state ->> '$.code'`, 'Why it was refused, for programs.'),
      detail: text(`o.state ->> '$.detail'`, 'Why it was refused, in words.'),
      attempts: number('o.attempts', 'How often it was sent.'),
      body: text(`o.op -> '$.b'`, 'All of it, as JSON.'),
    },
    from: `FROM $outbox o
WHERE o.op ->> '$.k' NOT IN ('read.set', 'read.thread', 'draft.set') OR o.state ->> '$.is' = 'failed'`,
    key: ['id'],
    order: 'o.seq',
  },
  {
    name: 'directory',
    about: 'Public channels of the workspace, also those you are not in.',
    columns: {
      id: text('y.ch', 'The channel.'),
      name: text('y.name', 'Its name without `#`.'),
      topic: text('y.topic', 'What it is about just now.'),
      purpose: text('y.purpose', 'What it is for.'),
      archived: flag('y.archived', 'Nothing new can be written.'),
    },
    from: 'FROM $directory y WHERE y.gone = 0',
    key: ['id'],
    order: 'name, id',
  },
  {
    name: 'emoji',
    about: 'The workspace’s own emoji.',
    columns: {
      name: text('e.name', 'What is typed between colons.'),
      picture: text('e.image', 'The picture as a `data:` URL.'),
      added_by: text('e.by', 'Who added it.'),
      added_at: time('e.at', 'When it was added.'),
    },
    from: 'FROM $emoji e WHERE e.gone = 0',
    key: ['name'],
    order: 'name',
  },
  {
    name: 'preferences',
    about: 'Your settings in this workspace, sections of the sidebar among them.',
    columns: {
      key: text('f.key', 'Which setting.'),
      value: text('f.value', 'Its value as JSON.'),
    },
    from: 'FROM $pref f WHERE f.user = $me AND f.value IS NOT NULL',
    key: ['key'],
    order: 'key',
  },
];

export function viewNamed(name: string): DocumentedView {
  const view = DOCUMENTED_VIEWS.find((each) => each.name === name);
  if (!view) throw new Error(`invariant broken: there is no view ${name}`);
  return view;
}
