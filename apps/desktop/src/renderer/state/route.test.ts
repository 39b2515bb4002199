import type { ChannelId, MessageId, WorkspaceId } from '@parley/sync/model';
import { describe, expect, it } from 'vitest';
import { invitationFromLink, readRoute, writeRoute } from './route.ts';

const WS = '0195c3a0-0000-7000-8000-000000000001' as WorkspaceId;
const CH = '0195c3a0-0000-7000-8000-000000000002' as ChannelId;
const MSG = '0195c3a0-0000-7000-8000-000000000003' as MessageId;

describe('addresses', () => {
  it('are read as they were written', () => {
    for (const route of [
      { at: 'home' },
      { at: 'workspace', ws: WS },
      { at: 'conversation', ws: WS, ch: CH, msg: null },
      { at: 'conversation', ws: WS, ch: CH, msg: MSG },
      { at: 'list', ws: WS, list: 'threads' },
      { at: 'invitation', relay: 'https://chat.example:8443', invite: 'a/b+c' },
    ] as const)
      expect(readRoute(writeRoute(route))).toEqual(route);
  });

  it('that make no sense lead home', () => {
    for (const hash of [
      '',
      '#',
      '#/',
      '#/x',
      `#/${WS}/../etc`,
      `#/${WS}/threads/more`,
      '#/x/threads',
      `#/${WS}/${CH}/${MSG}/more`,
      '#/invite/javascript%3Aalert(1)/x',
      '#/invite/%/x',
      '#/<script>',
    ])
      expect(readRoute(hash), hash).toEqual({ at: 'home' });
  });
});

describe('an invitation link', () => {
  it('names the relay and the token', () => {
    expect(invitationFromLink(' https://chat.example/invite/TOKEN-1 ')).toEqual({
      relay: 'https://chat.example',
      invite: 'TOKEN-1',
    });
    expect(invitationFromLink('http://127.0.0.1:8080/app#/invite/https%3A%2F%2Fchat.example/T')).toEqual({
      relay: 'https://chat.example',
      invite: 'T',
    });
  });

  it('is nothing else', () => {
    for (const text of ['https://chat.example', 'invite/x', 'parley', 'javascript:invite/x', 'file:///invite/x'])
      expect(invitationFromLink(text), text).toBeNull();
  });
});
