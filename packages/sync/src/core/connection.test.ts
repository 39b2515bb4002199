import { describe, expect, it } from 'vitest';
import type { ByeCode } from '../model/mod.ts';
import { type ConnectionEffect, type ConnectionEvent, type ConnectionState, connectionStep } from './connection.ts';

const STATES: readonly ConnectionState[] = [
  { is: 'stopped' },
  { is: 'refused', code: 'version', detail: '' },
  { is: 'waiting', attempt: 3, detail: '' },
  { is: 'bootstrapping', attempt: 3 },
  { is: 'connecting', attempt: 3 },
  { is: 'greeting', attempt: 3 },
  { is: 'reconciling', attempt: 3 },
  { is: 'live' },
];
const bye = (code: ByeCode): ConnectionEvent => ({ on: 'bye', code, detail: 'why' });
const EVENTS: Readonly<Record<string, ConnectionEvent>> = {
  'start with a cursor': { on: 'start', hasCursor: true },
  'start without': { on: 'start', hasCursor: false },
  stop: { on: 'stop' },
  'timer with a cursor': { on: 'timer', hasCursor: true },
  'timer without': { on: 'timer', hasCursor: false },
  bootstrapped: { on: 'bootstrapped' },
  opened: { on: 'opened' },
  welcomed: { on: 'welcomed', forked: false },
  'welcomed with a fork': { on: 'welcomed', forked: true },
  reconciled: { on: 'reconciled' },
  failed: { on: 'failed', detail: 'why' },
  'bye version': bye('version'),
  'bye log_behind': bye('log_behind'),
  'bye bad_cursor': bye('bad_cursor'),
  'bye device_cloned': bye('device_cloned'),
  'bye shutdown': bye('shutdown'),
};

/** For each event, where each of the states above leads, in their order; `·` is no change. */
const TABLE: Readonly<Record<string, string>> = {
  'start with a cursor': 'connecting connecting connecting · · · · ·',
  'start without': 'bootstrapping bootstrapping bootstrapping · · · · ·',
  stop: 'stopped stopped stopped stopped stopped stopped stopped stopped',
  'timer with a cursor': '· · connecting · · · · ·',
  'timer without': '· · bootstrapping · · · · ·',
  bootstrapped: '· · · connecting · · · ·',
  opened: '· · · · greeting · · ·',
  welcomed: '· · · · · live · ·',
  'welcomed with a fork': '· · · · · reconciling · ·',
  reconciled: '· · · · · · connecting ·',
  failed: '· · · waiting waiting waiting waiting waiting',
  'bye version': '· · refused refused refused refused refused refused',
  'bye log_behind': '· · refused refused refused refused refused refused',
  'bye bad_cursor': '· · waiting waiting waiting waiting waiting waiting',
  'bye device_cloned': '· · waiting waiting waiting waiting waiting waiting',
  'bye shutdown': '· · waiting waiting waiting waiting waiting waiting',
};

const does = (effects: readonly ConnectionEffect[]) => effects.map((effect) => effect.do);

describe('a connection (S21)', () => {
  it.each(Object.keys(EVENTS))('goes where the table says on %s', (name) => {
    const event = EVENTS[name] as ConnectionEvent;
    const led = STATES.map((state) => {
      const step = connectionStep(state, event);
      return step.state === state ? '·' : step.state.is;
    });
    expect(led.join(' ')).toBe(TABLE[name]);
  });

  it('does nothing where nothing changes', () => {
    for (const event of Object.values(EVENTS))
      for (const state of STATES) {
        const step = connectionStep(state, event);
        if (step.state === state) expect(step.effects).toEqual([]);
      }
  });

  it('waits longer with every failure, and begins anew once it was live', () => {
    let state: ConnectionState = { is: 'connecting', attempt: 0 };
    for (let attempt = 1; attempt < 5; attempt++) {
      const { state: waiting } = connectionStep(state, { on: 'failed', detail: '' });
      expect(waiting).toMatchObject({ is: 'waiting', attempt });
      state = connectionStep(waiting, { on: 'timer', hasCursor: true }).state;
    }
    expect(connectionStep({ is: 'live' }, { on: 'failed', detail: '' }).state).toMatchObject({
      is: 'waiting',
      attempt: 1,
    });
  });

  it('hangs up before it waits, and forgets or renews in between', () => {
    expect(does(connectionStep({ is: 'live' }, bye('bad_cursor')).effects)).toEqual([
      'disconnect',
      'forget-cursor',
      'wait',
    ]);
    expect(does(connectionStep({ is: 'live' }, bye('device_cloned')).effects)).toEqual([
      'disconnect',
      'renew-device',
      'wait',
    ]);
    expect(does(connectionStep({ is: 'live' }, bye('unauthenticated')).effects)).toEqual(['disconnect']);
  });

  it('stays away as long as the relay asks', () => {
    const { effects } = connectionStep(
      { is: 'live' },
      { on: 'bye', code: 'shutdown', detail: '', retryAfterMs: 4_000 },
    );
    expect(effects).toContainEqual({ do: 'wait', attempt: 1, atLeastMs: 4_000 });
  });

  it('throws nothing away where the relay’s log has gone backwards, and asks again after a while (S27)', () => {
    const step = connectionStep({ is: 'greeting', attempt: 0 }, bye('log_behind'));
    expect(step.state).toMatchObject({ is: 'refused', code: 'log_behind' });
    expect(does(step.effects)).toEqual(['disconnect', 'wait']);
    expect(connectionStep(step.state, { on: 'timer', hasCursor: true }).state.is).toBe('connecting');
  });

  it('says hello again in an older version where the relay knows no newer one, and only then', () => {
    const step = connectionStep({ is: 'greeting', attempt: 2 }, { on: 'too-new' });
    expect(step.state).toEqual({ is: 'connecting', attempt: 2 });
    expect(does(step.effects)).toEqual(['disconnect', 'connect']);
    expect(connectionStep({ is: 'live' }, { on: 'too-new' })).toEqual({ state: { is: 'live' }, effects: [] });
  });

  it('comes back after a goodbye of a kind it has never heard of', () => {
    expect(connectionStep({ is: 'live' }, bye('some_day' as ByeCode)).state.is).toBe('waiting');
  });
});
