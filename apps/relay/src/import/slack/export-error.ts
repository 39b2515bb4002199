/**
 * Why an export as a whole can't be read. One bad record never gets here: that is a `skipped` record of the reader.
 *
 * - `not-found`, `not-zip`, `truncated`: the file itself.
 * - `unsupported`: a ZIP feature nobody's Slack export uses (encryption, rare compression).
 * - `unsafe-path`, `link`, `duplicate`, `too-deep`, `too-many-entries`, `too-large`, `bomb`, `size-lies`: the archive
 *   breaks a limit or tells a lie, so nothing of it is trusted.
 * - `entry-too-large`, `corrupt`: one entry; the reader skips a day file for it and goes on.
 * - `not-export`: a sound ZIP of something else.
 * - `bad-cursor`: the place to resume after is not in this export.
 */
export type ExportErrorKind =
  | 'not-found'
  | 'not-zip'
  | 'truncated'
  | 'unsupported'
  | 'unsafe-path'
  | 'link'
  | 'duplicate'
  | 'too-deep'
  | 'too-many-entries'
  | 'too-large'
  | 'bomb'
  | 'size-lies'
  | 'entry-too-large'
  | 'corrupt'
  | 'not-export'
  | 'bad-cursor';

/** The message is written for the admin who runs the import: what is wrong, then what to do. */
export class ExportError extends Error {
  readonly kind: ExportErrorKind;
  readonly entry?: string;

  constructor(kind: ExportErrorKind, message: string, entry?: string) {
    super(message);
    this.name = 'ExportError';
    this.kind = kind;
    if (entry !== undefined) this.entry = entry;
  }
}
