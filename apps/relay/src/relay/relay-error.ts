/** An expected failure of the relay or one of its commands: what happened, and what the operator can do about it. */
export class RelayError extends Error {
  override readonly name = 'RelayError';
  readonly remedy: string;

  constructor(what: string, remedy: string) {
    super(what);
    this.remedy = remedy;
  }
}
