import { describe, expect, it } from 'vitest';
import { AVATAR_COLOURS, avatarColour, initials } from './avatar-look.ts';

describe('an avatar without a picture', () => {
  it('has at most two whole characters', () => {
    expect(initials('Ada Lovelace')).toBe('AL');
    expect(initials('jean-luc picard')).toBe('JP');
    expect(initials('田中 花子')).toBe('田花');
    expect(initials('👨‍👩‍👧 family')).toBe('👨‍👩‍👧F');
    expect(initials('ada')).toBe('A');
    expect(initials('   ')).toBe('?');
  });

  it('keeps its colour', () => {
    const id = '0195c3a0-0000-7000-8000-00000000000a';
    expect(avatarColour(id)).toBe(avatarColour(id));
    const used = new Set(Array.from({ length: 500 }, (_, at) => avatarColour(`person-${at}`)));
    expect(used.size).toBe(AVATAR_COLOURS);
  });
});
