import { getOrMake } from '@parley/sync/model';

/**
 * What sockets get in one flush, shared. Each socket walks from the root to the child of every chunk it may see; sockets
 * that saw the same chunks stand on the same node, and its frame is made once for all of them.
 */
export class FrameNode {
  readonly #parent: FrameNode | null;
  readonly #chunk: string;
  #children: Map<number, FrameNode> | null = null;
  /** Almost every node has one child; a map is made only for the second. */
  #firstId = -1;
  #first: FrameNode | null = null;
  #frame: Buffer | null = null;

  private constructor(parent: FrameNode | null, chunk: string) {
    this.#parent = parent;
    this.#chunk = chunk;
  }

  static root(): FrameNode {
    return new FrameNode(null, '');
  }

  /** The node after appending chunk `id`, whose text is the same wherever it is appended. */
  child(id: number, chunk: string): FrameNode {
    if (id === this.#firstId && this.#first) return this.#first;
    if (!this.#first) {
      this.#firstId = id;
      this.#first = new FrameNode(this, chunk);
      return this.#first;
    }
    this.#children ??= new Map();
    return getOrMake(this.#children, id, () => new FrameNode(this, chunk));
  }

  /** The frame of everything appended on the way here; made once, whoever asks. */
  frame(wrap: (chunks: readonly string[]) => string): Buffer {
    this.#frame ??= Buffer.from(wrap(this.#chunks()));
    return this.#frame;
  }

  #chunks(): string[] {
    const chunks: string[] = [];
    for (let node: FrameNode = this; node.#parent; node = node.#parent) chunks.push(node.#chunk);
    return chunks.reverse();
  }
}

/** An `ops` frame around facts that are encoded already. */
export const opsFrame = (cursor: string | null, facts: readonly string[]): string =>
  cursor === null ? `{"m":"ops","f":[${facts.join(',')}]}` : `{"m":"ops","c":"${cursor}","f":[${facts.join(',')}]}`;
