import { expect, it } from 'vitest';
import { CursorTrail } from './cursor-trail.ts';

type Step = readonly ['given' | 'greeted', string];

function trail(steps: readonly Step[]): CursorTrail {
  const made = new CursorTrail('ada');
  for (const [what, cursor] of steps) made[what](cursor);
  return made;
}
const BEGIN: readonly Step[] = [
  ['given', 'a'],
  ['greeted', 'a'],
  ['given', 'b'],
  ['given', 'c'],
];

it.each([
  ['the same again', [['greeted', 'a']]],
  [
    'one of those given since',
    [
      ['greeted', 'b'],
      ['greeted', 'b'],
    ],
  ],
] as const)('a device may greet with %s', (_, steps) => {
  expect(trail([...BEGIN, ...steps]).breaches()).toEqual([]);
});

it.each([
  [
    'one of before',
    [
      ['greeted', 'b'],
      ['greeted', 'a'],
    ],
  ],
  ['one it was never given', [['greeted', 'x']]],
] as const)('a device may not greet with %s (I10)', (_, steps) => {
  expect(trail([...BEGIN, ...steps]).breaches()).toHaveLength(1);
});
