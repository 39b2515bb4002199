import { isInFence } from './code-ranges.ts';

/** What the composer knows when a key goes down. */
export interface ComposerState {
  readonly text: string;
  readonly caret: number;
  /** Whether a list of suggestions is open and has an entry to accept. */
  readonly suggesting: boolean;
  /** Whether Enter alone sends; otherwise it breaks the line. */
  readonly enterSends: boolean;
}
export interface KeyPress {
  readonly key: string;
  readonly shift: boolean;
  readonly ctrl: boolean;
  readonly alt: boolean;
  /** An input method is composing: the key belongs to it. */
  readonly composing: boolean;
}
export type ComposerAct =
  | 'send'
  | 'accept'
  | 'next'
  | 'previous'
  | 'dismiss'
  | 'editLast'
  | 'bold'
  | 'italic'
  | 'strike'
  | 'code'
  | null;

/** What a key does. null leaves it to the text field, which is also how Enter breaks a line. `ctrl` is Cmd on a Mac. */
export function composerAct(press: KeyPress, state: ComposerState): ComposerAct {
  if (press.composing) return null;
  if (state.suggesting && !press.ctrl && !press.alt) {
    switch (press.key) {
      case 'ArrowDown':
        return 'next';
      case 'ArrowUp':
        return 'previous';
      case 'Escape':
        return 'dismiss';
      case 'Tab':
        return press.shift ? null : 'accept';
      case 'Enter':
        if (!press.shift) return 'accept';
    }
  }
  if (press.key === 'Enter') {
    if (press.ctrl) return 'send';
    if (press.shift || press.alt || !state.enterSends) return null;
    return isInFence(state.text, state.caret) ? null : 'send';
  }
  if (press.key === 'ArrowUp' && state.text === '' && !press.shift && !press.ctrl && !press.alt) return 'editLast';
  if (press.ctrl && !press.alt) {
    const key = press.key.toLowerCase();
    if (key === 'b' && !press.shift) return 'bold';
    if (key === 'i' && !press.shift) return 'italic';
    if (key === 'x' && press.shift) return 'strike';
    if (key === 'c' && press.shift) return 'code';
  }
  return null;
}
