import type { Literal } from 'mdast';
import type { Extension as MdastExtension } from 'mdast-util-from-markdown';
import type { Code, Effects, Extension, State } from 'micromark-util-types';

/** A mention token as a node of its own, so that an escaped `\<@…>` and one inside code stay what they are: text. */
export interface Mention extends Literal {
  type: 'mention';
  of: 'user' | 'channel' | 'all';
  /** The id, or `here` and `channel`. */
  value: string;
}

declare module 'mdast' {
  interface PhrasingContentMap {
    mention: Mention;
  }
  interface RootContentMap {
    mention: Mention;
  }
}
declare module 'micromark-util-types' {
  interface TokenTypeMap {
    mention: 'mention';
  }
}

const TOKEN = /^<(?:[@#][0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|!(?:here|channel))>$/;
/** `<@` + a UUID + `>`: nothing longer can be a token. */
const LONGEST = 39;
const LESS = 60;
const GREATER = 62;

function tokenize(effects: Effects, ok: State, nok: State): State {
  let seen = '';
  return start;

  function start(code: Code): State | undefined {
    if (code !== LESS) return nok(code);
    effects.enter('mention');
    return inside(code);
  }
  function inside(code: Code): State | undefined {
    if (code === null || code < 0 || seen.length >= LONGEST) return nok(code);
    seen += String.fromCharCode(code);
    effects.consume(code);
    if (code !== GREATER) return inside;
    if (!TOKEN.test(seen)) return nok;
    effects.exit('mention');
    return ok;
  }
}

/** micromark: recognises `<@id>`, `<#id>`, `<!here>` and `<!channel>` in running text. */
export const mentionSyntax: Extension = { text: { [LESS]: { name: 'mention', tokenize } } };

/** mdast: makes a `mention` node of each. */
export const mentionFromMarkdown: MdastExtension = {
  enter: {
    mention(token) {
      const source = this.sliceSerialize(token);
      const of = source[1] === '@' ? 'user' : source[1] === '#' ? 'channel' : 'all';
      this.enter({ type: 'mention', of, value: source.slice(2, -1) }, token);
    },
  },
  exit: {
    mention(token) {
      this.exit(token);
    },
  },
};
