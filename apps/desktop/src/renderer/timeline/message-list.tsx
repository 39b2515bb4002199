import { classNames } from '@parley/ui';
import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
} from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import css from './message-list.module.css';

/** Near enough to the end to stay there when something is added. */
const AT_END_PX = 32;
/** The next page is asked for this far ahead, so that reading on meets no wait. */
const AHEAD_PX = 1_200;

export interface ListRow {
  readonly key: string;
}

export interface MessageListHandle {
  toEnd(): void;
  toRow(key: string, align: 'start' | 'center' | 'nearest'): void;
  focus(): void;
}

export interface MessageListProps<R extends ListRow> {
  rows: readonly R[];
  label: string;
  /** Where to stand when the list first has rows: a row, or the end. */
  start: { readonly key: string; readonly align: 'start' | 'center' } | null;
  draw(row: R): ReactNode;
  onOlder?(): void;
  onNewer?(): void;
  /** Whether the last row is in sight; told when it changes and after every scroll. */
  onPlace(atEnd: boolean): void;
  /** A short list stands at the top instead of above the composer. */
  top?: boolean;
  ref: Ref<MessageListHandle>;
}

/**
 * A virtual list that holds its place: rows added above move nothing, rows added below follow only a reader who stands
 * at the end. Mount it anew (by `key`) for another conversation.
 */
export function MessageList<R extends ListRow>(props: MessageListProps<R>) {
  const { rows, label, start, draw, onOlder, onNewer, onPlace, top = false, ref } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const atEnd = useRef(start === null);
  const placed = useRef(false);
  const firstKey = useRef<string | undefined>(undefined);

  // Only rows put in front may shift; anything else keeps the distance from the top.
  const head = rows[0]?.key;
  const shift =
    firstKey.current !== undefined && head !== firstKey.current && rows.some((row) => row.key === firstKey.current);

  const toEnd = useCallback(() => {
    atEnd.current = true;
    list.current?.scrollToIndex(rows.length - 1, { align: 'end' });
  }, [rows.length]);

  useLayoutEffect(() => {
    firstKey.current = head;
    if (rows.length === 0) return;
    if (!placed.current) {
      placed.current = true;
      const at = start ? rows.findIndex((row) => row.key === start.key) : -1;
      if (start && at >= 0)
        list.current?.scrollToIndex(at, { align: start.align, offset: start.align === 'start' ? -48 : 0 });
      else toEnd();
      return;
    }
    if (atEnd.current) toEnd();
  }, [rows, head, start, toEnd]);

  const look = () => {
    const now = list.current;
    if (!now || rows.length === 0) return;
    const below = now.scrollSize - now.scrollOffset - now.viewportSize;
    atEnd.current = below <= AT_END_PX;
    onPlace(atEnd.current);
    if (now.scrollOffset < AHEAD_PX) onOlder?.();
    if (below < AHEAD_PX) onNewer?.();
  };

  const resized = () => {
    if (atEnd.current && placed.current) toEnd();
    else look();
  };

  useImperativeHandle(
    ref,
    () => ({
      toEnd,
      toRow: (key, align) => {
        const at = rows.findIndex((row) => row.key === key);
        if (at < 0) return;
        atEnd.current = false;
        list.current?.scrollToIndex(at, { align });
      },
      focus: () => focusRow(scroller.current, 'last'),
    }),
    [rows, toEnd],
  );

  return (
    <div
      ref={scroller}
      className={css.scroller}
      role="feed"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a feed is walked through with the arrow keys
      tabIndex={0}
      onKeyDown={walk}
      data-region="messages"
    >
      {!top && <div className={css.space} />}
      <Virtualizer
        ref={list}
        scrollRef={scroller}
        data={rows}
        shift={shift}
        bufferSize={400}
        onScroll={look}
        onScrollEnd={look}
        onResize={resized}
      >
        {(row, at) => (
          <div key={row.key} className={classNames(at === 0 && css.first, at === rows.length - 1 && css.last)}>
            {draw(row)}
          </div>
        )}
      </Virtualizer>
    </div>
  );
}

function focusRow(scroller: HTMLElement | null, which: 'last' | 'next' | 'previous'): boolean {
  const rows = [...(scroller?.querySelectorAll<HTMLElement>('[data-message]') ?? [])];
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const row = which === 'last' || at < 0 ? rows.at(-1) : rows[at + (which === 'next' ? 1 : -1)];
  row?.focus();
  row?.scrollIntoView({ block: 'nearest' });
  return row !== undefined;
}

function walk(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target instanceof HTMLTextAreaElement) return;
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  if (focusRow(event.currentTarget, event.key === 'ArrowDown' ? 'next' : 'previous')) event.preventDefault();
}
