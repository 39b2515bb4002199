const FOCUSABLE = 'textarea, input, [aria-current="page"], [role="feed"], button:not([disabled])';

/** F6: moves focus to the next part of the window, to what one most likely wants there. */
export function moveRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter((region) =>
    region.checkVisibility(),
  );
  const inside = regions.filter((region) => region.contains(document.activeElement)).at(-1);
  const at = inside ? regions.indexOf(inside) : -1;
  const next = regions[(at + step + regions.length) % regions.length];
  if (!next) return;
  const target = next.matches('[role="feed"]') ? next : (preferred(next) ?? next);
  target.focus();
}

function preferred(region: HTMLElement): HTMLElement | null {
  for (const selector of ['textarea', '[aria-current="page"]', FOCUSABLE]) {
    const found = region.querySelector<HTMLElement>(selector);
    if (found) return found;
  }
  return null;
}
