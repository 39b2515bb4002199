import { CliError, EXIT } from './exit.ts';

/** Beyond any text that can be sent; a file that was piped in by mistake is not read to its end. */
const MAX_INPUT_BYTES = 1_048_576;

/** Everything on standard input, without its last line break. */
export async function readInput(stdin: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > MAX_INPUT_BYTES)
      throw new CliError(EXIT.usage, 'Standard input has more than 1 MiB; that is no message.');
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** A text given as an argument, or on standard input where it is `-` or left out. */
export async function textOf(argument: string | undefined, stdin: NodeJS.ReadableStream): Promise<string> {
  const text = argument === undefined || argument === '-' ? await readInput(stdin) : argument;
  if (text.trim()) return text;
  throw new CliError(EXIT.usage, 'There is nothing to send: give the text, or pipe it in.');
}

/** The password on standard input, which neither the process list nor the shell's history shows. */
export async function passwordOf(
  options: { readonly passwordStdin?: boolean },
  stdin: NodeJS.ReadableStream,
): Promise<string> {
  if (!options.passwordStdin) throw new CliError(EXIT.usage, 'Pipe the password in and add --password-stdin.');
  return secretOf(stdin, 'password');
}

/** A secret that is piped in. */
export async function secretOf(stdin: NodeJS.ReadableStream, what: string): Promise<string> {
  const secret = await readInput(stdin);
  if (secret) return secret;
  throw new CliError(EXIT.usage, `Standard input has no ${what}.`);
}
