import { expect, it } from 'vitest';
import { byteRange } from './byte-range.ts';

it('one range is a part, within what there is', () => {
  expect(byteRange('bytes=0-9', 100)).toEqual({ is: 'part', from: 0, to: 9 });
  expect(byteRange('bytes=90-200', 100)).toEqual({ is: 'part', from: 90, to: 99 });
  expect(byteRange('bytes=40-', 100)).toEqual({ is: 'part', from: 40, to: 99 });
  expect(byteRange('bytes=-10', 100)).toEqual({ is: 'part', from: 90, to: 99 });
  expect(byteRange('bytes=-1000', 100)).toEqual({ is: 'part', from: 0, to: 99 });
  expect(byteRange(' bytes=99-99 ', 100)).toEqual({ is: 'part', from: 99, to: 99 });
});

it('a range beyond the end can’t be satisfied', () => {
  expect(byteRange('bytes=100-', 100)).toEqual({ is: 'unsatisfiable' });
  expect(byteRange('bytes=100-200', 100)).toEqual({ is: 'unsatisfiable' });
  expect(byteRange('bytes=-0', 100)).toEqual({ is: 'unsatisfiable' });
  expect(byteRange('bytes=0-', 0)).toEqual({ is: 'unsatisfiable' });
});

it('no range, several, another unit or nonsense are answered with the whole', () => {
  for (const header of [
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=0-1,5-6',
    'items=0-1',
    'bytes=9-3',
    'bytes=a-b',
    'bytes=1e3-',
    'bytes=-1-2',
  ])
    expect(byteRange(header, 100), String(header)).toEqual({ is: 'whole' });
});
