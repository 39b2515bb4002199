import { useState } from 'react';

/** Narrower nothing fits, wider nothing is left for the rest. */
export const SIDEBAR = { normal: 260, least: 180, most: 400 } as const;
export const PANE = { normal: 420, least: 320, most: 720 } as const;

/** A width the person chose, kept on this machine: it says something about the screen. null until they chose one. */
export function useWidth(name: string, { least, most }: { readonly least: number; readonly most: number }) {
  const key = `parley.width.${name}`;
  const [width, setWidth] = useState<number | null>(() => {
    const kept = Number(localStorage.getItem(key) ?? Number.NaN);
    return kept >= least && kept <= most ? kept : null;
  });
  const change = (next: number) => {
    setWidth(next);
    localStorage.setItem(key, String(next));
  };
  return [width, change] as const;
}
