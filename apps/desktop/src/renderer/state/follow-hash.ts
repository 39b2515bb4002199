import { readRoute, writeRoute } from './route.ts';
import { currentRoute, useView, view } from './view-store.ts';

/** Keeps the address and the view the same, so that a reload keeps the place and a link leads to one. */
export function followHash(): void {
  let written = '';
  view.route(readRoute(window.location.hash));
  useView.subscribe((state) => {
    const hash = writeRoute(currentRoute(state));
    if (hash === written) return;
    written = hash;
    window.history.replaceState(null, '', hash);
  });
  window.addEventListener('hashchange', () => {
    if (window.location.hash === written) return;
    written = window.location.hash;
    view.route(readRoute(window.location.hash));
  });
}
