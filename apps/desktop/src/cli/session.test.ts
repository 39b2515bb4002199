import type { WorkspaceEntryView } from '@parley/sync/model';
import { describe, expect, it } from 'vitest';
import { parseInvitation } from './commands/account.ts';
import { untilOf } from './commands/people.ts';
import { EXIT } from './exit.ts';
import { chooseWorkspace } from './session.ts';

const entry = (id: string, name: string) => ({ id, name }) as WorkspaceEntryView;
const exit = (code: number) => expect.objectContaining({ exit: code });

describe('what a command line means', () => {
  it('takes the only workspace, or the one that is named', () => {
    const [acme, other] = [entry('1', 'Acme'), entry('2', 'Other')];
    expect(chooseWorkspace([acme], undefined)).toBe(acme);
    expect(chooseWorkspace([acme, other], 'other')).toBe(other);
    expect(chooseWorkspace([acme, other], '1')).toBe(acme);
  });

  it('asks for a sign-in, or for a name, where it can’t tell', () => {
    expect(() => chooseWorkspace([], undefined)).toThrow(exit(EXIT.notSignedIn));
    const two = [entry('1', 'Acme'), entry('2', 'Acme')];
    expect(() => chooseWorkspace(two, undefined)).toThrow(exit(EXIT.usage));
    expect(() => chooseWorkspace(two, 'Acme')).toThrow(exit(EXIT.usage));
    expect(() => chooseWorkspace(two, 'Nowhere')).toThrow(exit(EXIT.usage));
  });

  it('reads relay and token out of an invitation link', () => {
    expect(parseInvitation('https://chat.acme.test:8480/v1/invite/abc_-123')).toEqual({
      relay: 'https://chat.acme.test:8480',
      invite: 'abc_-123',
    });
    expect(() => parseInvitation('abc')).toThrow(exit(EXIT.usage));
    expect(() => parseInvitation('https://chat.acme.test/')).toThrow(exit(EXIT.usage));
  });

  it('understands when a status ends', () => {
    const now = new Date(2030, 0, 31, 12, 0).getTime();
    expect(untilOf('45m', now)).toBe(now + 45 * 60_000);
    expect(untilOf('17:30', now)).toBe(new Date(2030, 0, 31, 17, 30).getTime());
    expect(untilOf('9:00', now)).toBe(new Date(2030, 1, 1, 9, 0).getTime());
    expect(() => untilOf('2029-01-01', now)).toThrow(exit(EXIT.usage));
    expect(() => untilOf('soon', now)).toThrow(exit(EXIT.usage));
  });
});
