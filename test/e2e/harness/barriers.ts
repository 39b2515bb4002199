import axe from 'axe-core';
import type { Page } from 'playwright';

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** They hand the focus on to where it belongs the moment they get it; nobody ever stands on one. */
const FOCUS_GUARDS = '[data-base-ui-focus-guard]';

/** What axe finds that keeps people out, in the light and in the dark. */
export async function barriers(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // A colour that is still on its way from the other scheme would be measured half-way.
    await page.evaluate('Promise.all(document.getAnimations().map((animation) => animation.finished))');
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate(
      `axe.run({ exclude: ['${FOCUS_GUARDS}'] }, { resultTypes: ['violations'] })`,
    )) as {
      readonly violations: readonly Violation[];
    };
    for (const { id, impact, nodes } of violations)
      if (impact === 'serious' || impact === 'critical')
        for (const { html, failureSummary } of nodes)
          found.push(`${colorScheme}: ${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`);
  }
  return found;
}
