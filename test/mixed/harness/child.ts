import type { ServingRelay } from '@parley/relay';
import type { Engine, EngineClient } from '@parley/sync/engine';
import type { EngineDoor, RelayDoor } from '../../releases/doors.ts';
import type { Ask, Told } from './asks.ts';
import { loadEngine, loadRelay } from './release.ts';

/*
 * A process that holds an engine or a relay of one build and does what the test's process asks for. Arguments: the
 * release, or `now` for this checkout.
 */

const [build = 'now'] = process.argv.slice(2);

const tell = (message: Told) => process.send?.(message);

let engine: Engine | null = null;
let relay: ServingRelay | null = null;
const watches = new Map<number, () => void>();

// Only what is asked for is loaded: a child of a release has nothing of this checkout in it.
const engineDoor = (): Promise<EngineDoor> => (build === 'now' ? import('@parley/sync/engine') : loadEngine(build));
const relayDoor = (): Promise<RelayDoor> => (build === 'now' ? import('@parley/relay') : loadRelay(build));

function client(): EngineClient {
  if (!engine) throw new Error('no engine is open');
  return engine.client();
}

async function obey(ask: Ask): Promise<unknown> {
  switch (ask.do) {
    case 'open': {
      const door = await engineDoor();
      const { home, relay: at } = ask;
      // Where its relay was when the home was made, nobody is any more.
      const transport = at === null ? {} : { transport: () => door.relayTransport(at) };
      engine = await door.openEngine({ home, ...transport });
      return null;
    }
    case 'call':
      return client().call(ask.command, ask.args as never);
    case 'once':
      return client().once(ask.query, ask.params as never);
    case 'watch':
      watches.set(
        ask.id,
        client().watch(ask.query, ask.params as never, (value) => tell({ id: ask.id, value })),
      );
      return null;
    case 'unwatch':
      watches.get(ask.of)?.();
      watches.delete(ask.of);
      return null;
    case 'write': {
      if (!engine) throw new Error('no engine is open');
      const { replica, link } = engine.workspace(ask.ws);
      replica.enqueue([ask.intent]);
      link.poke();
      return null;
    }
    case 'serve': {
      const door = await relayDoor();
      relay = await door.startRelay({ data: ask.data, port: 0 });
      return relay.url;
    }
    case 'command': {
      const door = await relayDoor();
      return door.relayCommand(ask.data, ask.name, ask.args as never);
    }
    case 'close':
      await engine?.close();
      await relay?.close();
      return null;
  }
}

process.on('message', (ask: Ask) => {
  obey(ask).then(
    (ok) => tell({ id: ask.id, ok }),
    (error: unknown) => tell({ id: ask.id, failed: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
tell({ id: 0, ok: null });
