import type { ChannelId, WorkspaceId } from '@parley/sync/model';
import { useCallback, useEffect, useRef } from 'react';
import { useEngine } from '../engine/engine-context.ts';

/** A glance while passing through is not reading. */
const SETTLE_MS = 400;

/**
 * Marks a conversation read while the person looks at its end. `unread` is what the sidebar counts; `hold` is set when
 * the person marked something unread, which then stays so until they say otherwise or come back.
 */
export function useReading(ws: WorkspaceId, ch: ChannelId, unread: boolean, lastOrd: number) {
  const engine = useEngine();
  const atEnd = useRef(false);
  const hold = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const state = useRef({ unread, lastOrd });

  const mark = useCallback(() => {
    const { lastOrd } = state.current;
    engine.call('read.mark', lastOrd > 0 ? { ws, ch, ord: lastOrd } : { ws, ch }).catch(() => {});
  }, [engine, ws, ch]);

  const consider = useCallback(() => {
    clearTimeout(timer.current);
    if (!state.current.unread || hold.current || !atEnd.current || document.hidden || !document.hasFocus()) return;
    timer.current = setTimeout(() => {
      if (atEnd.current && !hold.current && !document.hidden && document.hasFocus()) mark();
    }, SETTLE_MS);
  }, [mark]);

  useEffect(() => {
    state.current = { unread, lastOrd };
    consider();
  }, [unread, lastOrd, consider]);
  useEffect(() => {
    window.addEventListener('focus', consider);
    document.addEventListener('visibilitychange', consider);
    return () => {
      clearTimeout(timer.current);
      window.removeEventListener('focus', consider);
      document.removeEventListener('visibilitychange', consider);
    };
  }, [consider]);

  const place = useCallback(
    (end: boolean) => {
      if (atEnd.current === end) return;
      atEnd.current = end;
      consider();
    },
    [consider],
  );
  const keepUnread = useCallback(() => {
    hold.current = true;
    clearTimeout(timer.current);
  }, []);
  const readNow = useCallback(() => {
    hold.current = false;
    mark();
  }, [mark]);
  return { place, keepUnread, readNow };
}
