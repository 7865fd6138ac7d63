// The frame: the list of tasks on the left, the page beside it, the line for a lost connection, the palette over it all.
import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate, useParams } from '@tanstack/react-router'
import { PanelLeft, Plus, Search } from 'lucide-react'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { Sidebar } from '@features/sidebar/sidebar'
import { Boundary, Dialog, Drawer, IconButton, NOT_PHONE, Unfetched, useHotkey, useMedia } from '@kit'
import { written } from '@lib/shortcuts'
import { keep, kept } from '@lib/storage'
import { useRecentsFeed } from '@stream'
import { useCommands } from './commands'
import { ConnectionBar } from './connection-bar'
import { useNews } from './news'
import { ShellContext, type ShellActions } from './shell-context'
import { useAttentionIcon } from './title'
import { words } from './words'

const Palette = lazy(() => import('@features/palette/palette').then((module) => ({ default: module.Palette })))

/** A switch this browser remembers. */
function useKept(name: string, usual: boolean): [boolean, (value: boolean) => void] {
  const [value, setValue] = useState<boolean>(() => kept<boolean>(name, usual))
  const set = useCallback(
    (next: boolean) => {
      setValue(next)
      keep(name, next)
    },
    [name],
  )
  return [value, set]
}

/** The column of the list while it is hidden: its few most wanted buttons. */
function Strip({ onOpen, onSearch }: { onOpen: () => void; onSearch: () => void }) {
  const navigate = useNavigate()
  return (
    <nav aria-label={words.sidebar.title} className="flex w-14 shrink-0 flex-col items-center gap-1 border-r border-line bg-side py-3">
      <IconButton label={words.sidebar.open} icon={PanelLeft} shortcut={written('Mod+B')} onClick={onOpen} />
      <IconButton label={words.sidebar.newTask} icon={Plus} shortcut="N" onClick={() => void navigate({ to: '/' })} />
      <IconButton label={words.sidebar.search} icon={Search} shortcut={written('Mod+K')} onClick={onSearch} />
    </nav>
  )
}

/** Stands for the palette where it cannot be fetched. */
function NoPalette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={words.sidebar.search}>
      <Unfetched />
    </Dialog>
  )
}

function Frame() {
  const roomy = useMedia(NOT_PHONE)
  const { task } = useParams({ strict: false })
  const [column, setColumn] = useKept('sidebar.open', true)
  const [railOpen, setRailOpen] = useKept('rail.open', true)
  const [drawer, setDrawer] = useState(false)
  const [palette, setPalette] = useState<{ open: boolean; used: boolean }>({ open: false, used: false })
  const navigate = useNavigate()
  const showPalette = useCallback((open: boolean) => setPalette({ open, used: true }), [])
  const openPalette = useCallback(() => showPalette(true), [showPalette])
  const toggleSidebar = useCallback(() => (roomy ? setColumn(!column) : setDrawer((open) => !open)), [column, roomy, setColumn])
  const toggleDetails = useCallback(() => setRailOpen(!railOpen), [railOpen, setRailOpen])
  const commands = useCommands({ toggleSidebar, toggleDetails })
  useHotkey('Mod+K', () => setPalette(({ open }) => ({ open: !open, used: true })))
  useHotkey('/', openPalette)
  useHotkey('Mod+B', toggleSidebar)
  useHotkey('N', () => void navigate({ to: '/' }))
  const actions = useMemo<ShellActions>(
    () => ({ roomy, openSidebar: () => (roomy ? setColumn(true) : setDrawer(true)), openPalette, railOpen, setRailOpen }),
    [openPalette, railOpen, roomy, setColumn, setRailOpen],
  )
  const sidebar = <Sidebar activeTask={task} onSearch={openPalette} onHide={roomy ? toggleSidebar : undefined} onNavigate={() => setDrawer(false)} />
  return (
    <ShellContext value={actions}>
      <a href="#main" className="skip-link rounded-m bg-ink px-4 py-2 text-s text-bg">
        {words.skip}
      </a>
      <div className="flex h-full flex-col">
        <ConnectionBar />
        <div className="flex min-h-0 flex-1">
          {roomy && (column ? sidebar : <Strip onOpen={toggleSidebar} onSearch={openPalette} />)}
          <Suspense fallback={<main id="main" className="flex-1" />}>
            <Outlet />
          </Suspense>
        </div>
      </div>
      {!roomy && (
        <Drawer open={drawer} onOpenChange={setDrawer} side="left" title={words.sidebar.title} bare>
          {sidebar}
        </Drawer>
      )}
      {palette.used && (
        <Boundary fallback={<NoPalette open={palette.open} onOpenChange={showPalette} />}>
          <Suspense fallback={null}>
            <Palette open={palette.open} onOpenChange={showPalette} commands={commands} />
          </Suspense>
        </Boundary>
      )}
    </ShellContext>
  )
}

export function Shell() {
  useRecentsFeed(useQueryClient())
  useAttentionIcon()
  useNews()
  return <Frame />
}
