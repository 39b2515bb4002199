/** Code points of a name that are kept: with four bytes each and what comes behind still less than any file system takes. */
const LONGEST = 48;
/** Names that Windows keeps for devices, whatever their extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/;

/** Letters, digits, `-` and `_` of a name: nothing that a path, a shell or a link would read another way. */
function plainName(name: string): string {
  const plain = name
    .toWellFormed()
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_]+/gu, '-');
  return [...plain]
    .slice(0, LONGEST)
    .join('')
    .replace(/^[-\p{M}]+|-+$/gu, '');
}

/** What names are compared by: file systems disagree on case and on how accents are written. */
const sameness = (name: string): string => name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase();

/** File names, without extension, made of what people called something; none is given twice. */
export class FileNames {
  readonly #taken = new Set<string>();

  /** `otherwise` stands for a name of which nothing can be kept. */
  take(name: string, otherwise: string): string {
    const plain = plainName(name) || otherwise;
    const base = RESERVED.test(plain) ? `${plain}-` : plain;
    for (let number = 1; ; number++) {
      const tried = number === 1 ? base : `${base}-${number}`;
      const key = sameness(tried);
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return tried;
    }
  }
}
