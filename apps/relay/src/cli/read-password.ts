import { RelayError } from '../relay/relay-error.ts';

/** Far above what a password may have; a file piped in by mistake is not read to its end. */
const MAX_INPUT_BYTES = 4_096;

/** The password: the first line of standard input. Arguments and variables are seen by others; a pipe isn't. */
export async function readPassword(input: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (bytes.includes(0x0a) || size > MAX_INPUT_BYTES) break;
  }
  const line = Buffer.concat(chunks).toString('utf8').split('\n', 1)[0]?.replace(/\r$/, '') ?? '';
  if (size > MAX_INPUT_BYTES && !chunks.some((chunk) => chunk.includes(0x0a)))
    throw new RelayError('standard input holds no password', 'pipe in a single line');
  if (line === '')
    throw new RelayError('no password came on standard input', 'pipe it in, as in: printf %s "$PASSWORD" | …');
  return line;
}
