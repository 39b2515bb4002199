import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { viewsMarkdown } from './describe-views.ts';
import { DOCUMENTED_VIEWS } from './documented-views.ts';

const page = readFileSync(join(resolve(import.meta.dirname, '../../../../..'), 'docs/replica-views.md'), 'utf8');

describe('the page about the views', () => {
  it('has every view and column in the words of the code, and no other', () => {
    expect(page.slice(page.indexOf('\n### ') + 1).trimEnd()).toBe(viewsMarkdown());
  });

  it('tells of no column twice', () => {
    for (const { columns } of DOCUMENTED_VIEWS) {
      const told = Object.values(columns).map(({ about }) => about);
      expect(new Set(told).size).toBe(told.length);
    }
  });
});
