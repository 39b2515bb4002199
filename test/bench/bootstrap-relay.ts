/** The relay as it ships, over a data directory that is there: `bootstrap-relay.ts DIRECTORY`. */
import { startRelay } from '@parley/relay';
import { answerParent, tell } from './fanout/child.ts';

const [data = ''] = process.argv.slice(2);
const relay = await startRelay({
  data,
  port: 0,
  limits: { socketsPerAddress: 100_000, socketsPerAccount: 100_000, requestsPerMinute: 100_000 },
});
tell({ listening: Number(new URL(relay.url).port) });
answerParent();
