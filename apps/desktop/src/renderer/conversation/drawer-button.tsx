import { IconButton, MenuIcon, t } from '@parley/ui';
import { view } from '../state/view-store.ts';
import css from './drawer-button.module.css';

/** Brings the sidebar in on a window too narrow to keep it beside the conversation. */
export function DrawerButton() {
  return (
    <IconButton
      className={css.button}
      label={t('sidebar.label')}
      icon={<MenuIcon size={18} />}
      onClick={() => view.drawer(true)}
    />
  );
}
