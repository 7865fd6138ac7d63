// The menu of one task, the same by right click, by key and by its button.
import {
  Archive, ArchiveRestore, ArrowUpRight, Download, FolderInput, Mail, MailOpen, Pencil, Pin, PinOff, Trash2,
} from 'lucide-react'
import type { TaskSummary } from '@api'
import { MenuCheck, MenuItem, MenuSeparator, MenuSub } from '@kit'
import type { TaskActions } from './actions'
import { words } from './words'

export interface TaskMenuProps {
  task: TaskSummary
  projects: readonly string[]
  actions: TaskActions
  onOpen: () => void
  onRename: () => void
  onNewProject: () => void
  onDelete: () => void
}

export function TaskMenu({ task, projects, actions, onOpen, onRename, onNewProject, onDelete }: TaskMenuProps) {
  const project = task.project ?? null
  return (
    <>
      <MenuItem icon={ArrowUpRight} onSelect={onOpen}>
        {words.menu.open}
      </MenuItem>
      <MenuItem icon={Pencil} shortcut="F2" onSelect={onRename}>
        {words.menu.rename}
      </MenuItem>
      <MenuItem icon={task.pinned ? PinOff : Pin} onSelect={() => actions.pin(task, !task.pinned)}>
        {task.pinned ? words.menu.unpin : words.menu.pin}
      </MenuItem>
      <MenuSub label={words.menu.move} icon={FolderInput}>
        {projects.map((name) => (
          <MenuCheck key={name} checked={name === project} onCheckedChange={() => actions.move(task, name)}>
            {name}
          </MenuCheck>
        ))}
        <MenuCheck checked={project === null} onCheckedChange={() => actions.move(task, null)}>
          {words.menu.noProject}
        </MenuCheck>
        <MenuSeparator />
        <MenuItem onSelect={onNewProject}>{words.menu.newProject}</MenuItem>
      </MenuSub>
      <MenuItem icon={task.unread ? MailOpen : Mail} onSelect={() => actions.markUnread(task, !task.unread)}>
        {task.unread ? words.menu.read : words.menu.unread}
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={task.archived ? ArchiveRestore : Archive} onSelect={() => actions.archive(task, !task.archived)}>
        {task.archived ? words.menu.unarchive : words.menu.archive}
      </MenuItem>
      <MenuItem icon={Download} onSelect={() => actions.download(task)}>
        {words.menu.export}
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={Trash2} danger onSelect={onDelete}>
        {words.menu.delete}
      </MenuItem>
    </>
  )
}
