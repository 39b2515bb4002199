import type { SearchHitView, WorkspaceId } from '@parley/sync/model';
import { EmptyState, fullTime, SearchBox, SearchIcon, shortTime, t } from '@parley/ui';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { PaneFrame } from '../app/pane.tsx';
import { useLastingQuery } from '../engine/use-query.ts';
import { useNow } from '../state/use-now.ts';
import { view } from '../state/view-store.ts';
import { MarkedText } from './marked-text.tsx';
import css from './search-pane.module.css';

const MOST_HITS = 60;

/** Kept while the window lives, so that closing the pane does not cost the search. */
let lastText = '';

/** Search over everything this replica holds, while typing. */
export function SearchPane({ ws }: { ws: WorkspaceId }) {
  const [text, setText] = useState(lastText);
  const now = useNow();
  const box = useRef<HTMLInputElement>(null);
  const results = useRef<HTMLDivElement>(null);
  const words = text.trim();
  const { value } = useLastingQuery('search', words === '' ? null : { ws, text: words, limit: MOST_HITS });
  const result = words === '' ? undefined : value;

  useEffect(() => {
    box.current?.focus();
    box.current?.select();
  }, []);
  const change = (next: string) => {
    lastText = next;
    setText(next);
  };
  const walk = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      view.pane(null);
      return;
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const hits = [...(results.current?.querySelectorAll<HTMLElement>('[data-hit]') ?? [])];
    const at = hits.findIndex((hit) => hit.matches(':focus'));
    const next = at + (event.key === 'ArrowDown' ? 1 : -1);
    if (next < 0) box.current?.focus();
    else hits[Math.min(next, hits.length - 1)]?.focus();
  };

  return (
    <PaneFrame title={t('search.title')}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys walk from the field through its results */}
      <div className={css.search} onKeyDown={walk}>
        <div className={css.box}>
          <SearchBox ref={box} value={text} placeholder={t('search.placeholder')} onText={change} />
        </div>
        {words === '' ? (
          <EmptyState icon={<SearchIcon size={28} />} title={t('search.title')} body={t('search.prompt')} />
        ) : (
          result && (
            <>
              <p className={css.count} role="status">
                {result.hits.length === 0
                  ? t('search.none', { text: words })
                  : result.total > result.hits.length
                    ? t('search.more', { count: result.total })
                    : t('search.results', { count: result.total })}
              </p>
              {!result.complete && <p className={css.hint}>{t('search.incomplete')}</p>}
              <div className={css.hits} ref={results}>
                {result.hits.map((hit) => (
                  <Hit key={hit.key} hit={hit} ws={ws} now={now} />
                ))}
              </div>
            </>
          )
        )}
      </div>
    </PaneFrame>
  );
}

function Hit({ hit, ws, now }: { hit: SearchHitView; ws: WorkspaceId; now: number }) {
  const open = () => {
    view.jump(ws, hit.ch, hit.thread ?? hit.id);
    if (hit.thread) view.pane({ kind: 'thread', ch: hit.ch, root: hit.thread });
  };
  return (
    <button type="button" className={css.hit} onClick={open} data-hit>
      <span className={css.where}>
        <bdi className={css.author}>{hit.author}</bdi>
        <bdi className={css.channel}>{hit.channel}</bdi>
        <time className={css.time} title={fullTime(hit.at)}>
          {shortTime(hit.at, now)}
        </time>
      </span>
      <span className={css.text} dir="auto">
        <MarkedText text={hit.text} marks={hit.marks} />
      </span>
    </button>
  );
}
