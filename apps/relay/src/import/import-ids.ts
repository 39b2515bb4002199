import { derivedId, derivedTimeId, type OpId, type WorkspaceId } from '@parley/sync/model';

/**
 * Ids of everything an import brings. They follow from the workspace and Slack's own ids alone, never from the file, so
 * that a newer export of the same Slack workspace meets what an older one brought. Slack's team id is no part of them:
 * organisations move people and channels between teams, which keep their ids, and not every export names the team.
 */
export interface ImportIds {
  /** For people, channels and what happens to them once. */
  of(...effect: readonly string[]): OpId;
  /** For what belongs to a moment: sorts by it, so that neighbours in time are neighbours in every index. */
  at(timeMs: number, ...effect: readonly string[]): OpId;
}

export function importIds(workspace: WorkspaceId): ImportIds {
  const source = `slack ${workspace}`;
  return {
    of: (...effect) => derivedId(source, effect.join('\n')),
    at: (timeMs, ...effect) => derivedTimeId(timeMs, source, effect.join('\n')),
  };
}
