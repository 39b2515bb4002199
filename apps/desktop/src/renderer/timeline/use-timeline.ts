import type { ChannelId, MessageId, TimelineView, WorkspaceId } from '@parley/sync/model';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useEngine } from '../engine/engine-context.ts';
import { useLastingQuery } from '../engine/use-query.ts';
import {
  latestWindow,
  newerWindow,
  olderWindow,
  openingWindow,
  pinnedWindow,
  type TimelineWindow,
} from './timeline-window.ts';

export interface Timeline {
  readonly view: TimelineView | undefined;
  /** Where the New line stands for this visit. */
  readonly firstUnread: MessageId | null;
  readonly loadingOlder: boolean;
  /** Grows when the list was asked for anew around another place, so that it is placed anew. */
  readonly visit: number;
  older(): void;
  newer(): void;
  latest(): void;
  /** The person marked unread from here. */
  unreadFrom(id: MessageId): void;
}

interface Asked {
  readonly window: TimelineWindow;
  readonly visit: number;
}

/** The part of a conversation that is on screen, growing at both ends. One instance is one visit. */
export function useTimeline(ws: WorkspaceId, ch: ChannelId, jump: MessageId | null): Timeline {
  const engine = useEngine();
  const [asked, setAsked] = useState<Asked>(() => ({ window: openingWindow(jump), visit: 0 }));
  const [firstUnread, setFirstUnread] = useState<MessageId | null | undefined>(undefined);
  const { value, stale } = useLastingQuery('timeline', { ws, ch, ...asked.window });
  const answered = useRef({ window: asked.window, view: value });

  useEffect(() => {
    if (!value || stale) return;
    answered.current = { window: asked.window, view: value };
    setFirstUnread((known) => (known === undefined ? value.firstUnread : known));
    setAsked((now) => {
      if (now.window !== asked.window) return now;
      const pinned = pinnedWindow(now.window, value);
      return pinned ? { ...now, window: pinned } : now;
    });
  }, [value, stale, asked.window]);

  const extend = useCallback((how: (asked: TimelineWindow, answer: TimelineView) => TimelineWindow | null) => {
    setAsked((now) => {
      const { window, view } = answered.current;
      // One request at a time: the next page is counted from the answer to the last.
      if (now.window !== window || !view) return now;
      const next = how(window, view);
      return next ? { ...now, window: next } : now;
    });
  }, []);

  const older = useCallback(() => {
    if (answered.current.view?.before && answered.current.view.fetching)
      void engine.call('history.fetch', { ws, ch }).catch(() => {});
    extend(olderWindow);
  }, [engine, ws, ch, extend]);
  const newer = useCallback(() => extend(newerWindow), [extend]);
  const latest = useCallback(() => setAsked((now) => ({ window: latestWindow, visit: now.visit + 1 })), []);

  return useMemo(
    () => ({
      view: value,
      firstUnread: firstUnread === undefined ? (value?.firstUnread ?? null) : firstUnread,
      loadingOlder: Boolean(value?.before && (stale || value.fetching)),
      visit: asked.visit,
      older,
      newer,
      latest,
      unreadFrom: setFirstUnread,
    }),
    [value, stale, firstUnread, asked.visit, older, newer, latest],
  );
}
