import type { ChannelId, MessageId, WorkspaceId } from '@parley/sync/model';
import { useCallback, useEffect, useRef } from 'react';
import { useEngine } from '../engine/engine-context.ts';

/** A draft is safe this long after a pause in typing. */
const PAUSE_MS = 300;

/** Keeps what is being written: after a pause, when the field loses focus, and when the window goes. */
export function useDraft(ws: WorkspaceId, ch: ChannelId, root: MessageId | null) {
  const engine = useEngine();
  const unsaved = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    if (unsaved.current === null) return;
    const text = unsaved.current;
    unsaved.current = null;
    engine.call('draft.set', { ws, ch, root, text }).catch(() => {
      // Kept for the next pause: a draft is lost only with the window.
      unsaved.current ??= text;
    });
  }, [engine, ws, ch, root]);

  const save = useCallback(
    (text: string) => {
      unsaved.current = text;
      clearTimeout(timer.current);
      if (text === '') flush();
      else timer.current = setTimeout(flush, PAUSE_MS);
    },
    [flush],
  );

  useEffect(() => {
    window.addEventListener('pagehide', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      flush();
    };
  }, [flush]);

  return { save, flush };
}
