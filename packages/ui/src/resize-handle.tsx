import type { KeyboardEvent, PointerEvent } from 'react';
import css from './resize-handle.module.css';
import { t } from './strings.ts';

export interface ResizeHandleProps {
  width: number;
  least: number;
  most: number;
  /** On which side of what it resizes it lies. */
  side: 'start' | 'end';
  onWidth(width: number): void;
}

/** One press of an arrow key. */
const STEP_PX = 16;

/** The edge of a panel, dragged or moved with the arrow keys. */
export function ResizeHandle({ width, least, most, side, onWidth }: ResizeHandleProps) {
  const towards = (element: Element): 1 | -1 =>
    (side === 'end') === (getComputedStyle(element).direction === 'ltr') ? 1 : -1;
  const change = (to: number) => onWidth(Math.round(Math.min(most, Math.max(least, to))));

  const press = (event: PointerEvent<HTMLElement>) => {
    const handle = event.currentTarget;
    const [from, began, sign] = [event.clientX, width, towards(handle)];
    handle.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) => change(began + (moved.clientX - from) * sign);
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), {
      once: true,
    });
    event.preventDefault();
  };
  const keyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'ArrowRight' ? STEP_PX : event.key === 'ArrowLeft' ? -STEP_PX : 0;
    if (step === 0) return;
    event.preventDefault();
    change(width + step * towards(event.currentTarget));
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a line between columns is no splitter
    <div
      className={side === 'end' ? css.end : css.start}
      role="separator"
      aria-orientation="vertical"
      aria-label={t('pane.resize')}
      aria-valuenow={width}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={press}
      onKeyDown={keyDown}
    />
  );
}
