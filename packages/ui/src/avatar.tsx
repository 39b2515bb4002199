import css from './avatar.module.css';
import { avatarColour, initials } from './avatar-look.ts';
import { classNames } from './class-names.ts';

export interface AvatarProps {
  /** Whose it is: decides the colour where there is no picture. */
  id: string;
  name: string;
  /** A `data:`, `blob:` or same-origin picture. Others are not fetched: opening a window must tell no stranger. */
  image?: string;
  size?: 'tiny' | 'small' | 'normal' | 'large';
  presence?: 'active' | 'away' | 'offline' | null;
}

const isLocal = (image: string): boolean => /^(data:image\/|blob:|\/[^/])/.test(image);

/** Decoration: the name always stands beside it as text. */
export function Avatar({ id, name, image = '', size = 'normal', presence = null }: AvatarProps) {
  return (
    <span className={classNames(css.avatar, css[size], css[`colour${avatarColour(id)}`])} aria-hidden="true">
      {isLocal(image) ? <img className={css.image} src={image} alt="" draggable={false} /> : initials(name)}
      {presence && presence !== 'offline' && <span className={classNames(css.presence, css[presence])} />}
    </span>
  );
}
