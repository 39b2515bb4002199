/** The relay as it ships, embedded defaults, with a few people in one channel; only its limits on sockets are raised. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { relayCommand, startRelay } from '@parley/relay';
import { answerParent, tell } from './child.ts';

export interface RelayHand {
  readonly people: readonly { readonly email: string; readonly password: string }[];
}

const PEOPLE = 8;
const PASSWORD = 'bench correct horse';

const data = mkdtempSync(join(tmpdir(), 'parley-bench-relay-'));
const people = Array.from({ length: PEOPLE }, (_, at) => ({ email: `p${at}@example.test`, password: PASSWORD }));
const owner = people[0] as (typeof people)[number];
await relayCommand(data, 'workspace.add', { workspace: 'Bench', owner: owner.email, password: PASSWORD, first: true });
for (const [at, { email }] of people.entries())
  if (at > 0) await relayCommand(data, 'user.add', { email, name: `Person ${at}`, password: PASSWORD });
const relay = await startRelay({
  data,
  port: 0,
  limits: { socketsPerAddress: 100_000, socketsPerAccount: 100_000, requestsPerMinute: 100_000 },
});
tell({ listening: Number(new URL(relay.url).port), hand: { people } satisfies RelayHand });
answerParent();
