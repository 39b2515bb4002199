import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { WriteCoalescer } from './write-coalescer.ts';

function countingSocket() {
  const writes: number[] = [];
  const socket = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      writes.push(1);
      done();
    },
    writev(chunks, done) {
      writes.push(chunks.length);
      done();
    },
  });
  return { socket, writes };
}

it('what a socket gets in one turn leaves in one write, and the next turn’s in another', () => {
  const deferred: (() => void)[] = [];
  const coalescer = new WriteCoalescer((fn) => deferred.push(fn));
  const [one, two] = [countingSocket(), countingSocket()];
  const turn = () => {
    for (const { socket } of [one, two])
      for (let n = 0; n < 5; n += 1) {
        coalescer.hold(socket);
        socket.write('frame');
      }
    expect(deferred).toHaveLength(1);
    deferred.pop()?.();
  };
  turn();
  expect([one.writes, two.writes]).toEqual([[5], [5]]);
  turn();
  expect([one.writes, two.writes]).toEqual([
    [5, 5],
    [5, 5],
  ]);
});

it('a socket that broke meanwhile hinders no other', () => {
  const deferred: (() => void)[] = [];
  const coalescer = new WriteCoalescer((fn) => deferred.push(fn));
  const [broken, sound] = [countingSocket(), countingSocket()];
  for (const { socket } of [broken, sound]) {
    coalescer.hold(socket);
    socket.write('frame');
  }
  broken.socket.destroy();
  deferred.pop()?.();
  expect(sound.writes).toEqual([1]);
});
