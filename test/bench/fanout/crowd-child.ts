/** Sockets that are merely online, in a process of their own so that reading what they get delays nobody who is measured. */
import { answerParent, tell } from './child.ts';
import { LightSocket } from './crowd.ts';

export interface CrowdOrder {
  readonly port: number;
  readonly path: string;
  /** One socket each, which sends this when it is open. */
  readonly greetings: readonly string[];
}

process.once('message', (order) => {
  void open(order as CrowdOrder);
});

async function open({ port, path, greetings }: CrowdOrder): Promise<void> {
  for (const greeting of greetings) {
    const socket = await LightSocket.open(port, path, () => {});
    socket.send(greeting);
  }
  answerParent();
  tell({ hand: greetings.length });
}
tell({ listening: 0 });
