// The bar above a conversation: what the task is called, where it works, how much it may do, and what it is doing.
import { exportAddress, send, type Mode } from '@api'
import { Chip, IconButton, Menu, MenuCheck, MenuItem, MenuSeparator, StateMark, Tooltip, useHotkey, Button, cx } from '@kit'
import { useConnection, useView, type TaskStore } from '@stream'
import { ChevronDown, Download, Folder, FolderLock, Menu as MenuIcon, MoreHorizontal, PanelRight, Pause, Pencil, Play, Search, ShieldCheck, Square } from 'lucide-react'
import { useState } from 'react'
import { saveFrom } from '@lib/save'
import { written } from '@lib/shortcuts'
import { openFind } from './find-session'
import { TaskTitle } from './task-title'
import { complain, useCommand } from './use-command'
import { MODES, modeName, words } from './words'

export interface TaskHeaderProps {
  store: TaskStore
  onOpenRail: () => void
  onOpenSidebar: () => void
  /** Told when Find was asked for. */
  onFind?: (() => void) | undefined
}

export function TaskHeader({ store, onOpenRail, onOpenSidebar, onFind }: TaskHeaderProps) {
  const [renaming, setRenaming] = useState(false)
  const known = useConnection(store) !== 'loading'
  const find = () => {
    openFind(store.id)
    onFind?.()
  }
  return (
    <header className="flex min-h-14 items-center gap-2 border-b border-line px-2 pt-safe md:px-4">
      <IconButton label={words.header.sidebar} icon={MenuIcon} className="md:hidden" onClick={onOpenSidebar} />
      <div className="flex min-w-0 flex-1 flex-col justify-center py-2 md:flex-row md:items-center md:justify-start md:gap-3">
        <TaskTitle store={store} editing={renaming} onEditing={setRenaming} />
        {known ? <Facts store={store} /> : null}
      </div>
      {known ? <Controls store={store} /> : null}
      <More store={store} onRename={() => setRenaming(true)} onFind={find} />
      <IconButton label={words.header.details} icon={PanelRight} onClick={onOpenRail} />
    </header>
  )
}

/** State, folders, mode and tier. */
function Facts({ store }: { store: TaskStore }) {
  const state = useView(store, (view) => view.state)
  const folders = useView(store, (view) => view.folders)
  const tier = useView(store, (view) => view.tier)
  const isReadOnly = useView(store, (view) => view.folders_read_only === true)
  return (
    <div className="flex shrink-0 items-center gap-2">
      <StateMark state={state} word />
      <ModeMenu store={store} />
      <span className="hidden max-w-80 items-center gap-2 xl:flex">
        {folders.slice(0, 2).map((folder) => (
          <Chip key={folder.name} icon={folder.access === 'read_only' ? FolderLock : Folder} title={folder.path}>
            {folder.name}
            {folder.access === 'read_only' ? ` · ${words.header.readOnly}` : ''}
          </Chip>
        ))}
        {folders.length > 2 ? <Chip title={folders.slice(2).map((folder) => folder.path).join('\n')}>+{folders.length - 2}</Chip> : null}
        {tier == null ? null : (
          <Chip icon={ShieldCheck} tone={isReadOnly ? 'warn' : 'plain'} title={isReadOnly ? words.header.cannotChange : undefined}>
            {words.header.tier(tier)}
            {isReadOnly ? ` · ${words.header.readOnlyFolders}` : ''}
          </Chip>
        )}
      </span>
    </div>
  )
}

function ModeMenu({ store }: { store: TaskStore }) {
  const mode = useView(store, (view) => view.mode)
  const choose = (next: Mode) => {
    if (next !== mode) send(store.id, { type: 'set_mode', data: { mode: next } }).catch((error: unknown) => complain(words.header.failed.mode, error))
  }
  const trigger = (
    <button
      type="button"
      aria-label={words.header.mode(modeName(mode))}
      className="inline-flex h-6 shrink-0 items-center gap-1 rounded-full border border-line bg-panel pr-1 pl-2 text-xs text-soft hover:text-ink pointer-coarse:h-10 pointer-coarse:px-3"
    >
      {modeName(mode)}
      <ChevronDown aria-hidden className="size-3" />
    </button>
  )
  return (
    <Menu trigger={trigger} label={words.header.mode(modeName(mode))}>
      {MODES.map((each) => (
        <MenuCheck key={each.mode} checked={each.mode === mode} onCheckedChange={() => choose(each.mode)} hint={each.says}>
          {each.name}
        </MenuCheck>
      ))}
    </Menu>
  )
}

export const STOP_KEYS = 'Mod+.'

function Controls({ store }: { store: TaskStore }) {
  const state = useView(store, (view) => view.state)
  const [busy, run] = useCommand()
  const going = state === 'working' || state === 'needs_you'
  const stop = () => run(words.header.failed.stop, () => send(store.id, { type: 'stop' }))
  const open = going || state === 'paused'
  useHotkey(STOP_KEYS, stop, { enabled: open && !busy })
  if (!open) return null
  return (
    <div className="flex shrink-0 items-center gap-1 md:gap-2">
      {going ? (
        <Button icon={Pause} busy={busy} aria-label={words.header.pause} onClick={() => run(words.header.failed.pause, () => send(store.id, { type: 'pause' }))}>
          <Word>{words.header.pause}</Word>
        </Button>
      ) : (
        <Button variant="primary" icon={Play} busy={busy} aria-label={words.header.resume} onClick={() => run(words.header.failed.resume, () => send(store.id, { type: 'resume' }))}>
          <Word>{words.header.resume}</Word>
        </Button>
      )}
      <Tooltip text={words.header.stop} shortcut={written(STOP_KEYS)}>
        <Button icon={Square} disabled={busy} aria-label={words.header.stop} onClick={stop}>
          <Word>{words.header.stop}</Word>
        </Button>
      </Tooltip>
    </div>
  )
}

/** The word of a button where there is room; its name is always there. */
function Word({ children }: { children: string }) {
  return <span className={cx('hidden md:inline')}>{children}</span>
}

function More({ store, onRename, onFind }: { store: TaskStore; onRename: () => void; onFind: () => void }) {
  const trigger = <IconButton label={words.header.menu} icon={MoreHorizontal} tip={false} />
  return (
    <Menu trigger={trigger} label={words.header.menu} align="end">
      <MenuItem icon={Search} onSelect={onFind} shortcut={written('Mod+F')}>{words.header.find}</MenuItem>
      <MenuItem icon={Pencil} onSelect={onRename}>{words.header.rename}</MenuItem>
      <MenuSeparator />
      <MenuItem icon={Download} onSelect={() => saveFrom(exportAddress(store.id))}>{words.header.export}</MenuItem>
    </Menu>
  )
}
