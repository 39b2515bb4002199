import { expect, it } from 'vitest';
import { FrameNode, opsFrame } from './frame-trie.ts';

const wrap = (facts: readonly string[]) => opsFrame('token', facts);

it('whoever saw the same chunks stands on the same node and gets the same buffer', () => {
  const root = FrameNode.root();
  const a = root.child(0, '{"q":1}').child(1, '{"q":2}');
  const b = root.child(0, '{"q":1}').child(1, '{"q":2}');
  expect(a).toBe(b);
  expect(a.frame(wrap)).toBe(b.frame(wrap));
  expect(a.frame(wrap).toString()).toBe('{"m":"ops","c":"token","f":[{"q":1},{"q":2}]}');
});

it('whoever saw something else gets something else, in the order it was appended', () => {
  const root = FrameNode.root();
  const all = root.child(0, '1').child(1, '2').child(2, '3');
  const some = root.child(1, '2').child(2, '3');
  const other = root.child(2, '3');
  expect(all.frame(wrap).toString()).toContain('[1,2,3]');
  expect(some.frame(wrap).toString()).toContain('[2,3]');
  expect(other.frame(wrap).toString()).toContain('[3]');
  expect(root.child(1, '2')).toBe(root.child(1, '2'));
});
