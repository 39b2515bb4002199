import { describe, expect, it } from 'vitest';
import { relayAddress } from './relay-address.ts';

describe('the address of a relay', () => {
  it('is completed from what people type', () => {
    expect(relayAddress(' chat.example.com ')).toBe('https://chat.example.com');
    expect(relayAddress('localhost:8080')).toBe('http://localhost:8080');
    expect(relayAddress('127.0.0.1:8080/x')).toBe('http://127.0.0.1:8080');
    expect(relayAddress('http://relay.lan')).toBe('http://relay.lan');
  });

  it('is refused where it is none', () => {
    for (const text of ['', 'a b', 'ftp://x', 'javascript:alert(1)', 'https://'])
      expect(relayAddress(text), text).toBeNull();
  });
});
