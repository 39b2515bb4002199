import { useEffect, useRef } from 'react';
import { useView } from '../state/view-store.ts';

/** Escape, where nothing else wants it: marks the conversation read. */
export function useEscape(act: () => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const keyDown = (event: KeyboardEvent) => {
      const { dialog, editing } = useView.getState();
      if (event.key !== 'Escape' || event.shiftKey || event.defaultPrevented || dialog || editing) return;
      latest.current();
    };
    window.addEventListener('keydown', keyDown);
    return () => window.removeEventListener('keydown', keyDown);
  }, []);
}
