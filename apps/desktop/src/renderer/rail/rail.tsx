import type { WorkspaceEntryView, WorkspaceId } from '@parley/sync/model';
import { AddIcon, Badge, classNames, IconButton, initials, t } from '@parley/ui';
import { view } from '../state/view-store.ts';
import css from './rail.module.css';

/** The workspaces of this person, each with what waits in it. */
export function WorkspaceRail({
  workspaces,
  current,
}: {
  workspaces: readonly WorkspaceEntryView[];
  current: WorkspaceId;
}) {
  return (
    <nav className={css.rail} aria-label={t('rail.label')} data-region="rail">
      {workspaces.map((workspace) => {
        const label =
          workspace.mentions > 0
            ? t('rail.mentions', { name: workspace.name, count: workspace.mentions })
            : workspace.unread > 0
              ? t('rail.unread', { name: workspace.name })
              : workspace.name;
        return (
          <button
            key={workspace.key}
            type="button"
            className={classNames(css.workspace, workspace.id === current && css.current)}
            aria-label={label}
            aria-current={workspace.id === current ? 'page' : undefined}
            title={workspace.name}
            onClick={() => view.workspace(workspace.id)}
          >
            <span className={css.initials}>{initials(workspace.name)}</span>
            {workspace.id !== current && workspace.mentions > 0 ? (
              <span className={css.badge}>
                <Badge count={workspace.mentions} />
              </span>
            ) : (
              workspace.id !== current && workspace.unread > 0 && <span className={css.dot} />
            )}
          </button>
        );
      })}
      <IconButton label={t('rail.add')} icon={<AddIcon size={18} />} onClick={() => view.adding(true)} />
    </nav>
  );
}
