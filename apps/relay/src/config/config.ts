import Type, { type Static } from 'typebox';
import type { PolicySetting } from '../room/policy.ts';

const count = Type.Integer({ minimum: 1, maximum: 1_000_000 });

/** What one relay lets one address or one person take of it. */
export const LimitsConfig = Type.Object(
  {
    /** Open sockets from one client address: an office behind one address, and not a flood. */
    socketsPerAddress: count,
    /** Open sockets of one account: a person's devices, and the reconnects of their last minute. */
    socketsPerAccount: count,
    /** HTTP requests a minute from one client address. */
    requestsPerMinute: count,
    /** Bootstraps streamed at once; each holds a read of its workspace open. */
    bootstraps: count,
  },
  { additionalProperties: false },
);
export type LimitsConfig = Static<typeof LimitsConfig>;

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const REPLICAS = ['auto', 'small', 'medium', 'large'] as const satisfies readonly PolicySetting[];

export const Config = Type.Object(
  {
    /** Directory of everything the relay keeps. */
    data: Type.String({ minLength: 1 }),
    host: Type.String({ minLength: 1 }),
    /** 0 takes any free port. */
    port: Type.Integer({ minimum: 0, maximum: 65_535 }),
    /** Origin at which people reach this relay, for the links it makes; null means the address it listens on. */
    publicUrl: Type.Union([Type.String({ pattern: '^https?://[^\\s/?#]+$' }), Type.Null()]),
    /** File with the key of the relay's databases; null where they are not encrypted. */
    keyFile: Type.Union([Type.String({ minLength: 1 }), Type.Null()]),
    logLevel: Type.Unsafe<LogLevel>(Type.Union(LOG_LEVELS.map((level) => Type.Literal(level)))),
    /** Addresses or CIDR ranges of proxies whose `X-Forwarded-For` is believed. */
    trustProxy: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 64 }),
    /** Origins of web pages that may open a socket; empty refuses every page. */
    allowedOrigins: Type.Array(Type.String({ pattern: '^https?://[^\\s/?#]+$' }), { maxItems: 64 }),
    /** Lets a scraper that isn't on this machine read /metrics; null leaves loopback only. */
    metricsToken: Type.Union([Type.String({ minLength: 16, maxLength: 256 }), Type.Null()]),
    /** Public messages from which a workspace is kept ready as a segment for new devices: 0 for never. */
    segmentsFrom: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
    /** How much of a workspace replicas hold; `auto`: as its size has it. */
    replicas: Type.Unsafe<PolicySetting>(Type.Union(REPLICAS.map((size) => Type.Literal(size)))),
    limits: LimitsConfig,
  },
  { additionalProperties: false },
);
export type Config = Static<typeof Config>;

/** A layer of settings: what it doesn't name is left to the layers below. */
export type ConfigLayer = { readonly [K in Exclude<keyof Config, 'limits'>]?: Config[K] } & {
  readonly limits?: Partial<LimitsConfig>;
};

export const DEFAULTS: Config = {
  data: './parley-data',
  host: '127.0.0.1',
  port: 8480,
  publicUrl: null,
  keyFile: null,
  logLevel: 'info',
  trustProxy: [],
  allowedOrigins: [],
  metricsToken: null,
  // Up to here pages of rows are there before a segment is.
  segmentsFrom: 20_000,
  replicas: 'auto',
  limits: { socketsPerAddress: 1_000, socketsPerAccount: 50, requestsPerMinute: 600, bootstraps: 16 },
};
