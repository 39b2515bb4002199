import type { ReplicaNotice } from '../../model/mod.ts';

const FOUND: { readonly [F in ReplicaNotice['found']]: string } = {
  damaged: 'The copy of this workspace on this computer was damaged',
  missing: 'The copy of this workspace on this computer was gone',
  foreign: 'The file in the place of this workspace’s copy was somebody else’s, or of another workspace',
};

/** What the person is told once another replica stands in the place of the former one. */
export function noticeOf(
  found: ReplicaNotice['found'],
  saved: number,
  aside: string | null,
  at: number,
): ReplicaNotice {
  const unsent =
    saved === 0
      ? 'Nothing was waiting to be sent.'
      : saved === 1
        ? 'The one change that was not sent yet was kept.'
        : `The ${saved} changes that were not sent yet were kept.`;
  const old = aside ? ` What was there is kept as ${aside}.` : '';
  return { at, found, saved, aside, detail: `${FOUND[found]}; everything is fetched again. ${unsent}${old}` };
}
