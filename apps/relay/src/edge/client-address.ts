import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const withoutMapping = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const contains = (list: BlockList, address: string): boolean => {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
};

/** Where a request comes from. */
export interface ClientAddress {
  readonly address: string;
  /** From this very machine and not through a proxy on it. */
  readonly local: boolean;
}

/** What a request says about its way here. */
export interface RequestOrigin {
  /** Address of the other end of the connection. */
  readonly peer: string | undefined;
  readonly forwardedFor: string | undefined;
  /** Whether any header of a proxy is there, believed or not. */
  readonly proxied: boolean;
}

/**
 * Finds a request's client: the connection's other end, unless that is a trusted proxy; then the last address in
 * `X-Forwarded-For` that isn't one. What stands further left was written by the client and proves nothing.
 */
export function clientAddressFinder(trusted: readonly string[]): (origin: RequestOrigin) => ClientAddress {
  const proxies = new BlockList();
  for (const range of trusted) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    proxies.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  }
  return ({ peer, forwardedFor, proxied }) => {
    let address = withoutMapping(peer ?? '0.0.0.0');
    for (const hop of (forwardedFor ?? '').split(',').reverse()) {
      const next = withoutMapping(hop.trim());
      if (!contains(proxies, address) || isIP(next) === 0) break;
      address = next;
    }
    return { address, local: contains(LOOPBACK, address) && !proxied };
  };
}

/** A header given several times counts as one list. */
const joined = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(',') : header;

export function originOf({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): RequestOrigin {
  const forwardedFor = joined(headers['x-forwarded-for']);
  return {
    peer: socket.remoteAddress,
    forwardedFor,
    proxied: forwardedFor !== undefined || headers.forwarded !== undefined || headers['x-real-ip'] !== undefined,
  };
}
