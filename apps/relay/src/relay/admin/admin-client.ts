import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Report } from '../commands/command.ts';
import { RelayError } from '../relay-error.ts';
import { isAnswer, isChallenge, proofOf } from './admin-protocol.ts';

export interface AdminCall {
  readonly path: string;
  readonly secret: Uint8Array;
  readonly command: string;
  readonly args: unknown;
  readonly report: Report;
}

/** Nobody listens there: the serving process is starting, stopping, or of a kind that takes no commands. */
export class NobodyListens extends Error {
  override readonly name = 'NobodyListens';
}

/** Has the serving process run a command, and hands back what it says. */
export async function callAdmin({ path, secret, command, args, report }: AdminCall): Promise<unknown> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (error) => reject(new NobodyListens(error.message)));
  });
  socket.on('error', () => socket.destroy());
  let asked = false;
  try {
    for await (const line of createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })) {
      const message: unknown = JSON.parse(line);
      if (!asked) {
        if (!isChallenge(message)) break;
        asked = true;
        socket.write(`${JSON.stringify({ proof: proofOf(secret, message.challenge), command, args })}\n`);
        continue;
      }
      if (!isAnswer(message)) break;
      if ('progress' in message) report(message.progress);
      else if ('error' in message) throw new RelayError(message.error.what, message.error.remedy);
      else return message.result;
    }
  } finally {
    socket.destroy();
  }
  throw new RelayError('the serving relay ended before the command did', 'start it again and repeat the command');
}
