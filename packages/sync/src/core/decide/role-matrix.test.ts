import { describe, expect, it } from 'vitest';
import {
  type ChannelOperation,
  conversationStream,
  type Intent,
  membershipStream,
  type Role,
} from '../../model/mod.ts';
import { Office } from '../../testing/mod.ts';

/** Who may do what to channels, as the brief's table says. */
const MATRIX: Readonly<Record<Role, Readonly<Record<ChannelOperation, boolean>>>> = {
  owner: { create: true, invite: true, archive: true, delete: true },
  admin: { create: true, invite: true, archive: true, delete: false },
  member: { create: true, invite: true, archive: false, delete: false },
  guest: { create: false, invite: true, archive: false, delete: false },
};

const cases = Object.entries(MATRIX).flatMap(([role, operations]) =>
  Object.entries(operations).map(([operation, may]) => [role as Role, operation as ChannelOperation, may] as const),
);

/** An office in which everybody is in the channel, so that the role alone decides. */
function crowded() {
  const office = new Office();
  office.make(office.owner, membershipStream(office.closed), 'mem.invite', { users: [office.admin] });
  return office;
}

function intentOf(office: Office, operation: ChannelOperation): Intent {
  const [c, m] = [conversationStream(office.closed), membershipStream(office.closed)];
  switch (operation) {
    case 'create': {
      const i = office.newId();
      return office.intent(`c:${i}` as typeof c, 'ch.create', { kind: 'private', name: 'fresh' }, { i });
    }
    case 'invite':
      return office.intent(m, 'mem.invite', { users: [office.owner] });
    case 'archive':
      return office.intent(c, 'ch.archive', {});
    case 'delete':
      return office.intent(c, 'ch.delete', {});
  }
}

describe('the matrix of roles (S19)', () => {
  it.each(cases)('%s may %s channels: %s', (role, operation, may) => {
    const office = crowded();
    const decision = office.judge(office[role], intentOf(office, operation));
    if (may) expect(decision).toMatchObject({ ok: true });
    else expect(decision).toMatchObject({ ok: false, reject: { code: 'forbidden' } });
  });

  it.each(cases.filter(([role, operation]) => role !== 'owner' && operation !== 'create'))(
    '%s may not %s a private channel they are not in, and is told no more than that they are not in it',
    (role, operation) => {
      const office = new Office();
      const secret = office.channel('private', 'secret');
      const intent = intentOf(office, operation);
      const there = { ...intent, s: `${intent.s.slice(0, 2)}${secret}` as typeof intent.s };
      expect(office.judge(office[role], there)).toMatchObject({ ok: false, reject: { code: 'not_member' } });
    },
  );

  it('gives someone who was deactivated nothing at all', () => {
    const office = crowded();
    office.make(office.owner, 'd' as ReturnType<typeof conversationStream>, 'user.active', {
      user: office.admin,
      active: false,
    });
    for (const operation of ['create', 'invite', 'archive', 'delete'] as const)
      expect(office.judge(office.admin, intentOf(office, operation))).toMatchObject({
        ok: false,
        reject: { code: 'forbidden' },
      });
  });
});
