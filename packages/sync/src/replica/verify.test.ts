import Database from 'better-sqlite3-multiple-ciphers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canSeeStream, MemoryView } from '../core/mod.ts';
import { LEDGER_WORKSPACE, Office, Prng, pageOf } from '../testing/mod.ts';
import type { SqlDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { QueryContext } from './queries/mod.ts';
import { Replica } from './replica.ts';
import { verifyReplica } from './verify.ts';

it('a replica as the relay gives it out has nothing wrong with it, whatever was written (S20)', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const view = new MemoryView();
      const office = new Office(view);
      const rng = new Prng(seed);
      for (let at = 0; at < 60; at++) office.anything(rng);
      const user = rng.pick(office.users);
      const db = new Database(':memory:');
      migrate(db as unknown as SqlDatabase);
      const replica = new Replica(db as unknown as SqlDatabase, { workspace: LEDGER_WORKSPACE, user });
      const seen = [...new Set(office.facts.map((fact) => fact.s))].filter((s) => canSeeStream(view, user, s));
      replica.installBootstrap(
        seen.map((s) => pageOf(view, s, office.head(s), null, 1_000)),
        'cursor',
      );
      const nobody = { now: () => office.now, presence: () => 'offline', typing: () => [], sync: () => null };
      expect(verifyReplica(new QueryContext(replica, nobody as never))).toEqual([]);
      db.close();
    }),
    { numRuns: 40 },
  );
});
