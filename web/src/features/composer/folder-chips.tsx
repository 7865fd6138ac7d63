// The folders a new task will work in: each with its access, to change or to take off again.
import { Folder, FolderLock } from 'lucide-react'
import { Chip, Menu, MenuCheck, MenuItem, MenuLabel } from '@kit'
import type { FolderRequest } from '@api'
import { baseName } from '@lib/format'
import { FOLDER, folderLabel } from './words'

export interface FolderChipsProps {
  readonly folders: readonly FolderRequest[]
  readonly onFolders: (folders: readonly FolderRequest[]) => void
}

export function FolderChips({ folders, onFolders }: FolderChipsProps) {
  const without = (path: string) => onFolders(folders.filter((it) => it.path !== path))
  const readOnly = (path: string, on: boolean) =>
    onFolders(folders.map((it) => (it.path === path ? { path, access: on ? 'read_only' : 'read_write' } : it)))
  return folders.map(({ path, access }) => {
    const locked = access === 'read_only'
    const name = baseName(path)
    return (
      <Chip key={path} icon={locked ? FolderLock : Folder} onRemove={() => without(path)} removeLabel={`${FOLDER.remove}: ${name}`} title={path}>
        <Menu
          label={folderLabel(name, locked)}
          trigger={
            <button type="button" aria-label={folderLabel(name, locked)} className="max-w-48 truncate rounded-s hover:text-ink">
              {name}
              {locked && <span className="text-faint"> · {FOLDER.readOnly}</span>}
            </button>
          }
        >
          <MenuLabel>
            <span className="break-all">{path}</span>
          </MenuLabel>
          <MenuCheck checked={locked} onCheckedChange={(on) => readOnly(path, on)} hint={FOLDER.readOnlyHint}>
            {FOLDER.readOnly}
          </MenuCheck>
          <MenuItem onSelect={() => without(path)}>{FOLDER.remove}</MenuItem>
        </Menu>
      </Chip>
    )
  })
}
