import type { Port } from '@parley/sync/engine';
import { describe, expect, it } from 'vitest';
import { checkedPort, isPlainAndSmall } from './checked.ts';
import { MAX_TO_ENGINE_BYTES } from './limits.ts';
import { portPair } from './pair.ts';

function door(): {
  readonly window: Port;
  readonly passed: unknown[];
  readonly answers: unknown[];
  settled(): Promise<void>;
} {
  const [window, outer] = portPair();
  const passed: unknown[] = [];
  const answers: unknown[] = [];
  checkedPort(outer).onMessage((message: unknown) => passed.push(message));
  window.onMessage((message: unknown) => answers.push(message));
  return { window, passed, answers, settled: () => new Promise((resolve) => setImmediate(resolve)) };
}
const send = (port: Port, message: unknown) => port.post(message as never);

describe('the door to the engine', () => {
  it('lets well-formed questions pass', async () => {
    const { window, passed, answers, settled } = door();
    const questions = [
      { id: 1, call: 'message.send', args: { text: 'hi' } },
      { id: 2, watch: 'sidebar', params: {} },
      { id: 2, unwatch: true },
    ];
    for (const question of questions) send(window, question);
    await settled();
    expect(passed).toEqual(questions);
    expect(answers).toEqual([]);
  });

  it.each([
    ['of no known shape', { id: 3, hello: 1 }],
    ['with a field too many', { id: 3, unwatch: true, also: 1 }],
    ['with a command that is no name', { id: 3, call: { toString: 1 }, args: {} }],
    ['that is too large', { id: 3, call: 'x', args: 'x'.repeat(MAX_TO_ENGINE_BYTES) }],
    ['that is not plain data', { id: 3, call: 'x', args: new Map([[1, 2]]) }],
  ])('answers bad_request to one %s', async (_name, question) => {
    const { window, passed, answers, settled } = door();
    send(window, question);
    await settled();
    expect(passed).toEqual([]);
    expect(answers).toEqual([{ id: 3, failed: { code: 'bad_request', detail: expect.any(String) } }]);
  });

  it.each([null, 7, 'x', [], { id: -1, unwatch: true }, { id: 1.5, unwatch: true }, { call: 'x', args: {} }])(
    'closes on %j, which no answer could be matched to',
    async (question) => {
      const { window, passed } = door();
      const gone = new Promise<void>((resolve) => window.onClose(resolve));
      send(window, question);
      await gone;
      expect(passed).toEqual([]);
    },
  );

  it('measures without following cycles or depth for ever', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(isPlainAndSmall(cycle, 1_000)).toBe(false);
    expect(isPlainAndSmall([[['a']]], 1_000)).toBe(true);
    expect(isPlainAndSmall(Array(1_000).fill(0), 1_000)).toBe(false);
  });
});
