// The list of tasks with everything above and below it.
import { Link } from '@tanstack/react-router'
import { Calendar, FolderKanban, PanelLeftClose, Plus, Search, Send, SlidersHorizontal, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton, Kbd } from '@kit'
import { written } from '@lib/shortcuts'
import { Footer } from './footer'
import { TaskList } from './task-list'
import { words } from './words'

export interface SidebarProps {
  activeTask?: string | undefined
  /** Something was chosen; a drawer closes now. */
  onNavigate?: (() => void) | undefined
  onSearch?: (() => void) | undefined
  /** Hides the column; without it there is no button. */
  onHide?: (() => void) | undefined
}

const ENTRY =
  'flex min-h-8 w-full items-center gap-2 rounded-m px-2 text-left text-s hover:bg-hover pointer-coarse:min-h-10 data-[status=active]:bg-panel data-[status=active]:font-medium data-[status=active]:ring-1 data-[status=active]:ring-line'

function Entry({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <>
      <Icon aria-hidden className="size-4 shrink-0 text-soft" />
      <span className="min-w-0 flex-1 truncate">{children}</span>
    </>
  )
}

const PLACES = [
  { to: '/projects', icon: FolderKanban, name: words.projects },
  { to: '/scheduled', icon: Calendar, name: words.scheduled },
  { to: '/dispatch', icon: Send, name: words.dispatch },
] as const

function Places({ onNavigate, onSearch }: Pick<SidebarProps, 'onNavigate' | 'onSearch'>) {
  return (
    <ul className="flex flex-col gap-px px-2 pb-2">
      <li>
        <button
          type="button"
          className={ENTRY}
          onClick={() => {
            onNavigate?.()
            onSearch?.()
          }}
        >
          <Entry icon={Search}>{words.search}</Entry>
          <span aria-hidden className="pointer-coarse:hidden">
            <Kbd>{written('Mod+K')}</Kbd>
          </span>
        </button>
      </li>
      {PLACES.map(({ to, icon, name }) => (
        <li key={to}>
          <Link to={to} className={ENTRY} onClick={onNavigate}>
            <Entry icon={icon}>{name}</Entry>
          </Link>
        </li>
      ))}
      <li>
        <Link to="/customize/$section" params={{ section: 'general' }} activeOptions={{ exact: false }} className={ENTRY} onClick={onNavigate}>
          <Entry icon={SlidersHorizontal}>{words.customize}</Entry>
        </Link>
      </li>
    </ul>
  )
}

export function Sidebar({ activeTask, onNavigate, onSearch, onHide }: SidebarProps) {
  return (
    <nav aria-label={words.tasks} className="flex min-h-0 w-full flex-1 flex-col bg-side md:w-64 md:flex-none md:shrink-0 md:border-r md:border-line">
      <div className="flex h-14 shrink-0 items-center gap-2 pr-2 pl-4">
        <span aria-hidden className="brand-mark size-4 rounded-s" />
        <span className="flex-1 text-m font-semibold">{words.product}</span>
        {onHide !== undefined && <IconButton label={words.hide} icon={PanelLeftClose} size="s" shortcut={written('Mod+B')} onClick={onHide} />}
      </div>
      <div className="px-3 pb-2">
        <Link
          to="/"
          onClick={onNavigate}
          className="flex h-9 items-center gap-2 rounded-m border border-line bg-panel px-3 text-s font-medium hover:bg-hover pointer-coarse:h-11"
        >
          <Plus aria-hidden className="size-4 text-accent" />
          <span className="flex-1">{words.newTask}</span>
          <span aria-hidden className="pointer-coarse:hidden">
            <Kbd>N</Kbd>
          </span>
        </Link>
      </div>
      <Places onNavigate={onNavigate} onSearch={onSearch} />
      <div className="flex min-h-0 flex-1 flex-col px-1">
        <TaskList activeTask={activeTask} onNavigate={onNavigate} />
      </div>
      <Footer onNavigate={onNavigate} />
    </nav>
  )
}
