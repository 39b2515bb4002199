import { expect, it } from 'vitest';
import { clientAddressFinder } from './client-address.ts';

const via = (trusted: string[], peer: string, forwardedFor?: string) =>
  clientAddressFinder(trusted)({ peer, forwardedFor, proxied: forwardedFor !== undefined });

it('a client is the other end of its connection', () => {
  expect(via([], '192.0.2.1')).toEqual({ address: '192.0.2.1', local: false });
  expect(via([], '::ffff:127.0.0.1')).toEqual({ address: '127.0.0.1', local: true });
  expect(via([], '::1')).toEqual({ address: '::1', local: true });
});

it('a header of one who is no trusted proxy counts for nothing, and makes nobody local', () => {
  expect(via([], '192.0.2.1', '10.0.0.1').address).toBe('192.0.2.1');
  expect(via(['10.0.0.0/8'], '192.0.2.1', '127.0.0.1')).toEqual({ address: '192.0.2.1', local: false });
  expect(via([], '127.0.0.1', '203.0.113.9')).toEqual({ address: '127.0.0.1', local: false });
  expect(via(['127.0.0.1'], '127.0.0.1', '127.0.0.1').local).toBe(false);
});

it('behind trusted proxies the client is the last who is none, whatever it wrote itself', () => {
  expect(via(['127.0.0.1', '10.0.0.0/8'], '127.0.0.1', '1.2.3.4, 203.0.113.9, 10.1.2.3').address).toBe('203.0.113.9');
  expect(via(['::1', 'fd00::/8'], '::1', '2001:db8::5, fd00::1').address).toBe('2001:db8::5');
  expect(via(['10.0.0.0/8'], '10.0.0.1', 'not an address').address).toBe('10.0.0.1');
  expect(via(['10.0.0.0/8'], '10.0.0.1').address).toBe('10.0.0.1');
});
