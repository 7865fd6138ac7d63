// "Work in a folder": the folders used lately at once, any other by the browser.
import { Folder, FolderOpen } from 'lucide-react'
import { memo, useState } from 'react'
import { Button, Menu, MenuItem, MenuLabel, MenuSeparator } from '@kit'
import type { FolderRequest } from '@api'
import { baseName } from '@lib/format'
import { Pick } from './pick'
import { recentFolders } from './recent-folders'
import { FOLDER } from './words'

export interface FolderMenuProps {
  /** Whether a folder is chosen already. */
  readonly more: boolean
  readonly onChoose: (folder: FolderRequest) => void
  readonly onBrowse: () => void
  readonly disabled?: boolean | undefined
}

export const FolderMenu = memo(function FolderMenu({ more, onChoose, onBrowse, disabled }: FolderMenuProps) {
  const [recent, setRecent] = useState(recentFolders)
  const name = more ? FOLDER.add : FOLDER.pick
  if (recent.length === 0) {
    return (
      <Button variant="quiet" icon={Folder} className="px-2" onClick={onBrowse} disabled={disabled} aria-haspopup="dialog">
        {name}
      </Button>
    )
  }
  const opened = (open: boolean) => {
    if (open) setRecent(recentFolders())
  }
  return (
    <Menu trigger={<Pick icon={Folder} disabled={disabled}>{name}</Pick>} label={name} onOpenChange={opened}>
      <MenuLabel>{FOLDER.recent}</MenuLabel>
      {recent.map((folder) => (
        <MenuItem key={folder.path} icon={Folder} onSelect={() => onChoose(folder)} hint={folder.access === 'read_only' ? `${folder.path} · ${FOLDER.readOnly}` : folder.path}>
          {baseName(folder.path)}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={FolderOpen} onSelect={onBrowse}>
        {FOLDER.browse}
      </MenuItem>
    </Menu>
  )
})
