import { LayeredView, type WritableView } from '@parley/sync/core';
import type { UserId } from '@parley/sync/model';
import { SqlView } from '@parley/sync/replica';
import { stateViewContract } from '@parley/sync/testing';
import { expect, it } from 'vitest';
import { openWorkspaceFile, projectionOf } from './workspace-file.ts';

stateViewContract('the projection in libSQL', () => projectionOf(openWorkspaceFile(':memory:')));
stateViewContract('an uncached view of libSQL', () => new SqlView(openWorkspaceFile(':memory:')));
stateViewContract('a layer over libSQL', () => new LayeredView(projectionOf(openWorkspaceFile(':memory:'))));

it('a layer is written once per row, and the cache forgets what was rolled back', () => {
  const db = openWorkspaceFile(':memory:');
  const view = projectionOf(db);
  const row = { user: 'u' as UserId, key: 'theme', value: '"dark"', ver: 1 };
  const put = (target: WritableView, name: string) =>
    target.put('workspace', { id: 'workspace', name, settings: '{}', ver: 1 });
  const layer = new LayeredView(view);
  put(layer, 'first');
  put(layer, 'second');
  layer.put('pref', row);
  expect(layer.size).toBe(2);
  view.flush(layer);
  expect(view.get('workspace', 'workspace')?.name).toBe('second');
  db.exec('BEGIN');
  put(view, 'third');
  db.exec('ROLLBACK');
  view.forget();
  expect(view.get('workspace', 'workspace')?.name).toBe('second');
});
