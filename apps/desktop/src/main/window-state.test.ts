import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readWindowState, writeWindowState } from './window-state.ts';

const dir = mkdtempSync(join(tmpdir(), 'parley-window-'));
afterAll(() => rmSync(dir, { recursive: true }));
const file = join(dir, 'window.json');
const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const state = { bounds: { x: 100, y: 50, width: 800, height: 600 }, maximized: true };

describe('where the window was', () => {
  it('is kept', () => {
    writeWindowState(file, state);
    expect(readWindowState(file, [screen])).toEqual(state);
  });

  it('is forgotten where its screen is gone', () => {
    for (const x of [1900, -790, 5000]) {
      writeWindowState(file, { ...state, bounds: { ...state.bounds, x } });
      expect(readWindowState(file, [screen]), String(x)).toBeNull();
    }
    expect(readWindowState(file, [screen, { x: 4800, y: 0, width: 1000, height: 800 }])).not.toBeNull();
  });

  it('is forgotten where the file says something else, or nothing', () => {
    expect(readWindowState(join(dir, 'none'), [screen])).toBeNull();
    for (const text of ['', '{', '[]', '{"bounds":{"x":1e99,"y":0,"width":1,"height":1},"maximized":false}']) {
      writeFileSync(file, text);
      expect(readWindowState(file, [screen]), text).toBeNull();
    }
  });

  it('is lost without a word where it can’t be written', () => {
    writeWindowState(join(dir, 'no', 'such', 'folder'), state);
  });
});
