// What the palette offers besides tasks: places, actions, the appearance, and what the open task can do.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import {
  Archive, ArchiveRestore, Calendar, Download, FolderKanban, Keyboard, Mail, Monitor, Moon, PanelLeft, PanelRight, Pause, Pin, PinOff,
  Play, Plug, Plus, Send, Settings, Square, Stethoscope, Sun, Wand,
} from 'lucide-react'
import { useMemo } from 'react'
import { asApiError, exportAddress, recentsQuery, send, tryExample, type TaskSummary, type Wish } from '@api'
import { toast } from '@kit'
import type { PaletteCommand } from '@features/palette/command'
import { saveFrom } from '@lib/save'
import { setAppearance } from './appearance'
import { words } from './words'

const w = words.commands

/** Runs a command that may fail, and says so if it does. */
export function attempt(work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    const { message, hint } = asApiError(error)
    toast(hint === undefined ? message : `${message}. ${hint}`, { tone: 'bad' })
  })
}

export interface FrameActions {
  toggleSidebar: () => void
  toggleDetails: () => void
}

/** Everything the palette can do from here. */
export function useCommands({ toggleSidebar, toggleDetails }: FrameActions): PaletteCommand[] {
  const navigate = useNavigate()
  const { task: open } = useParams({ strict: false })
  const { data } = useInfiniteQuery(recentsQuery('current'))
  const summary = useMemo(() => data?.pages.flat().find((task) => task.id === open), [data, open])
  return useMemo(() => {
    const places: PaletteCommand[] = [
      { id: 'new', group: w.act, title: w.newTask, icon: Plus, keys: 'N', run: () => void navigate({ to: '/' }) },
      { id: 'example', group: w.act, title: w.example, icon: Wand, run: () => attempt(openExample(navigate)) },
      { id: 'sidebar', group: w.act, title: w.toggleSidebar, icon: PanelLeft, keys: 'Mod+B', run: toggleSidebar },
      { id: 'projects', group: w.go, title: w.projects, icon: FolderKanban, run: () => void navigate({ to: '/projects' }) },
      { id: 'scheduled', group: w.go, title: w.scheduled, icon: Calendar, run: () => void navigate({ to: '/scheduled' }) },
      { id: 'dispatch', group: w.go, title: w.dispatch, icon: Send, run: () => void navigate({ to: '/dispatch' }) },
      { id: 'archive', group: w.go, title: w.archive, icon: Archive, run: () => void navigate({ to: '/archive' }) },
      ...SECTIONS.map(({ section, title, icon }) => ({
        id: `section-${section}`,
        group: w.go,
        title,
        icon,
        run: () => void navigate({ to: '/customize/$section', params: { section } }),
      })),
      { id: 'light', group: w.look, title: w.light, icon: Sun, run: () => setAppearance('light') },
      { id: 'dark', group: w.look, title: w.dark, icon: Moon, run: () => setAppearance('dark') },
      { id: 'system', group: w.look, title: w.system, icon: Monitor, run: () => setAppearance('system') },
    ]
    if (open === undefined) return places
    const details: PaletteCommand = { id: 'details', group: w.task, title: w.toggleDetails, icon: PanelRight, run: toggleDetails }
    return [...(summary === undefined ? [] : taskCommands(summary)), details, ...places]
  }, [navigate, open, summary, toggleDetails, toggleSidebar])
}

const SECTIONS = [
  { section: 'general', title: w.customize, icon: Settings },
  { section: 'providers', title: w.providers, icon: Plug },
  { section: 'keyboard', title: w.keyboard, icon: Keyboard },
  { section: 'readiness', title: w.readiness, icon: Stethoscope },
] as const

async function openExample(navigate: ReturnType<typeof useNavigate>): Promise<void> {
  const task = await tryExample()
  await navigate({ to: '/tasks/$task', params: { task } })
}

function taskCommands(task: TaskSummary): PaletteCommand[] {
  const wish = (id: string, title: string, icon: PaletteCommand['icon'], wished: Wish): PaletteCommand => ({
    id, title, icon, group: w.task, run: () => attempt(send(task.id, wished)),
  })
  const running = task.state === 'working' || task.state === 'needs_you'
  return [
    ...(running ? [{ ...wish('stop', w.stop, Square, { type: 'stop' }), keys: 'Mod+.' }, wish('pause', w.pause, Pause, { type: 'pause' })] : []),
    ...(task.state === 'paused' ? [wish('resume', w.resume, Play, { type: 'resume' })] : []),
    task.pinned
      ? wish('unpin', w.unpin, PinOff, { type: 'mark', data: { type: 'unpinned' } })
      : wish('pin', w.pin, Pin, { type: 'mark', data: { type: 'pinned' } }),
    wish('unread', w.unread, Mail, { type: 'mark', data: { type: 'unseen' } }),
    task.archived
      ? wish('unarchive', w.unarchive, ArchiveRestore, { type: 'mark', data: { type: 'unarchived' } })
      : wish('archive-task', w.archiveTask, Archive, { type: 'mark', data: { type: 'archived' } }),
    { id: 'export', group: w.task, title: w.export, icon: Download, run: () => saveFrom(exportAddress(task.id)) },
  ]
}
