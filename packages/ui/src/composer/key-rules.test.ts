import { describe, expect, it } from 'vitest';
import { type ComposerState, composerAct, type KeyPress } from './key-rules.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  shift: false,
  ctrl: false,
  alt: false,
  composing: false,
  ...more,
});
const state = (text: string, more: Partial<ComposerState> = {}): ComposerState => ({
  text,
  caret: text.length,
  suggesting: false,
  enterSends: true,
  ...more,
});

describe('what a key does in a composer', () => {
  it('sends with Enter and breaks the line with Shift+Enter', () => {
    expect(composerAct(press('Enter'), state('hi'))).toBe('send');
    expect(composerAct(press('Enter', { shift: true }), state('hi'))).toBeNull();
  });

  it('leaves Enter to the text and sends with Ctrl+Enter, for who prefers that', () => {
    const slow = state('hi', { enterSends: false });
    expect(composerAct(press('Enter'), slow)).toBeNull();
    expect(composerAct(press('Enter', { ctrl: true }), slow)).toBe('send');
    expect(composerAct(press('Enter'), { ...slow, suggesting: true })).toBe('accept');
  });

  it('breaks the line with Enter inside a fence and sends after it', () => {
    expect(composerAct(press('Enter'), state('```'))).toBeNull();
    expect(composerAct(press('Enter'), state('```\ncode'))).toBeNull();
    expect(composerAct(press('Enter'), state('```\ncode\n```'))).toBe('send');
    expect(composerAct(press('Enter'), state('```\ncode\n```', { caret: 6 }))).toBeNull();
    expect(composerAct(press('Enter'), state('say ```x``` now'))).toBe('send');
  });

  it('sends with Ctrl+Enter even inside a fence', () => {
    expect(composerAct(press('Enter', { ctrl: true }), state('```\ncode'))).toBe('send');
  });

  it('leaves every key to an input method that is composing', () => {
    for (const key of ['Enter', 'Tab', 'ArrowUp', 'Escape'])
      expect(composerAct(press(key, { composing: true }), state('', { suggesting: true }))).toBeNull();
  });

  it('steers open suggestions with the arrows, Enter, Tab and Escape', () => {
    const open = state('@a', { suggesting: true });
    expect(composerAct(press('ArrowDown'), open)).toBe('next');
    expect(composerAct(press('ArrowUp'), open)).toBe('previous');
    expect(composerAct(press('Enter'), open)).toBe('accept');
    expect(composerAct(press('Tab'), open)).toBe('accept');
    expect(composerAct(press('Escape'), open)).toBe('dismiss');
    expect(composerAct(press('Enter', { shift: true }), open)).toBeNull();
  });

  it('edits the last message with the up arrow only where nothing is written', () => {
    expect(composerAct(press('ArrowUp'), state(''))).toBe('editLast');
    expect(composerAct(press('ArrowUp'), state('a'))).toBeNull();
    expect(composerAct(press('ArrowUp', { alt: true }), state(''))).toBeNull();
  });

  it('formats with the usual keys', () => {
    expect(composerAct(press('b', { ctrl: true }), state('a'))).toBe('bold');
    expect(composerAct(press('i', { ctrl: true }), state('a'))).toBe('italic');
    expect(composerAct(press('X', { ctrl: true, shift: true }), state('a'))).toBe('strike');
    expect(composerAct(press('C', { ctrl: true, shift: true }), state('a'))).toBe('code');
    expect(composerAct(press('x', { ctrl: true }), state('a'))).toBeNull();
  });
});
