// One file in the rail: its name opens it, its menu does the rest. The same menu comes by right click and Shift+F10.
import { Download, Eye, FolderOpen, MoreHorizontal, Pin, PinOff, Undo2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { downloadAddress, type ChangeKind } from '@api'
import { ContextMenu, IconButton, Menu, MenuItem, MenuSeparator, cx } from '@kit'
import { baseName } from '@lib/format'
import { saveFrom } from '@lib/save'
import { FileIcon } from './file-icon'
import { parts } from './file-names'
import { showInFolder, wish } from './tell'
import { words } from './words'

export interface FileRowProps {
  task: string
  path: string
  /** What happened to it, where the task changed it. */
  kind?: ChangeKind | undefined
  /** Said in place of the path, such as the model's title. */
  title?: string | undefined
  pinned: boolean
  onPreview: (path: string) => void
  onUndo?: ((path: string) => void) | undefined
  mark?: ReactNode
}

const said = words.files

function Items({ task, path, kind, pinned, onPreview, onUndo }: FileRowProps) {
  const here = kind !== 'deleted'
  return (
    <>
      <MenuItem icon={Eye} disabled={!here} onSelect={() => onPreview(path)}>
        {said.preview}
      </MenuItem>
      <MenuItem icon={Download} disabled={!here} onSelect={() => saveFrom(downloadAddress(task, path), baseName(path))}>
        {said.download}
      </MenuItem>
      <MenuItem icon={FolderOpen} disabled={!here} onSelect={() => showInFolder(task, path)}>
        {said.reveal}
      </MenuItem>
      <MenuItem icon={pinned ? PinOff : Pin} onSelect={() => wish(task, { type: pinned ? 'unpin_file' : 'pin_file', data: { path } })}>
        {pinned ? said.unpin : said.pin}
      </MenuItem>
      {onUndo !== undefined && (
        <>
          <MenuSeparator />
          <MenuItem icon={Undo2} onSelect={() => onUndo(path)}>
            {said.undoFile}
          </MenuItem>
        </>
      )}
    </>
  )
}

export function FileRow(props: FileRowProps) {
  const { path, kind, title, onPreview, mark } = props
  const { folders, name } = parts(path)
  const here = kind !== 'deleted'
  const inside = (
    <>
      <FileIcon name={name} />
      <span className="flex min-w-0 flex-1 items-baseline">
        {folders !== '' && <span className="min-w-0 shrink-[9999] truncate text-soft">{folders}</span>}
        <span className={cx('min-w-0 truncate', !here && 'text-soft line-through')}>{title !== undefined && title !== '' ? title : name}</span>
      </span>
    </>
  )
  const line = 'flex min-h-7 min-w-0 flex-1 items-center gap-2 rounded-s text-left pointer-coarse:min-h-10'
  return (
    <ContextMenu label={said.menu(name)} menu={<Items {...props} />}>
      <li className="group -mx-2 flex items-center gap-1 rounded-s px-2 hover:bg-hover">
        {here ? (
          <button type="button" title={path} onClick={() => onPreview(path)} className={line}>
            <span className="sr-only">{said.open}</span>
            {inside}
          </button>
        ) : (
          <div title={path} className={line}>
            {inside}
          </div>
        )}
        {mark}
        <Menu label={said.menu(name)} align="end" trigger={<IconButton label={said.menu(name)} icon={MoreHorizontal} size="s" tip={false} className="-mr-1 opacity-60 group-hover:opacity-100 focus-visible:opacity-100 data-[state=open]:opacity-100" />}>
          <Items {...props} />
        </Menu>
      </li>
    </ContextMenu>
  )
}
