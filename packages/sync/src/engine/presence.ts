import type { Env } from '../core/mod.ts';
import { type ChannelId, getOrMake, type MessageId, type UserId } from '../model/mod.ts';
import { type EphDown, TYPING_TTL_MS } from '../protocol/mod.ts';
import { type ChangeKey, inChannel, type Presence } from '../replica/mod.ts';

/** Who is there and who is typing: in memory, as the relay last said, and forgotten in time. */
export class PresenceBoard {
  readonly #env: Env;
  readonly #changed: (key: ChangeKey) => void;
  readonly #presence = new Map<UserId, Presence>();
  /** By conversation or thread, by person: how to cancel the forgetting. */
  readonly #typing = new Map<string, Map<UserId, () => void>>();

  constructor(env: Env, changed: (key: ChangeKey) => void) {
    this.#env = env;
    this.#changed = changed;
  }

  presence(user: UserId): Presence {
    return this.#presence.get(user) ?? 'offline';
  }

  typing(channel: ChannelId, root: MessageId | null): readonly UserId[] {
    return [...(this.#typing.get(`${channel} ${root ?? ''}`)?.keys() ?? [])];
  }

  take(message: EphDown): void {
    if (message.e === 'presence') {
      for (const [user, state] of message.of) this.#presence.set(user, state);
      this.#changed('presence');
      return;
    }
    const { ch, user } = message;
    const place = `${ch} ${message.root ?? ''}`;
    const people = getOrMake(this.#typing, place, () => new Map<UserId, () => void>());
    people.get(user)?.();
    people.set(
      user,
      this.#env.timer(TYPING_TTL_MS, () => {
        this.#typing.get(place)?.delete(user);
        this.#changed(inChannel('typing', ch));
      }),
    );
    this.#changed(inChannel('typing', ch));
  }

  /** A message says more than a notice that one is being written. */
  wrote(channel: ChannelId, root: MessageId | null, user: UserId): void {
    const people = this.#typing.get(`${channel} ${root ?? ''}`);
    const cancel = people?.get(user);
    if (!cancel) return;
    cancel();
    people?.delete(user);
    this.#changed(inChannel('typing', channel));
  }

  /** Without a relay nothing is known of anyone. */
  forget(): void {
    for (const people of this.#typing.values()) for (const cancel of people.values()) cancel();
    this.#typing.clear();
    this.#presence.clear();
    this.#changed('presence');
  }
}
