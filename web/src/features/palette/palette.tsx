// Search over every task, and every command, from the keyboard.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Search } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { asApiError, recentsQuery, searchQuery, type TaskSummary } from '@api'
import { announce, Dialog, ErrorNote, Kbd, StateMark, useToday } from '@kit'
import { day } from '@lib/format'
import { onMac, shownKeys } from '@lib/shortcuts'
import type { PaletteCommand } from './command'
import { grouped, matching } from './matching'
import { words } from './words'

/** Milliseconds of quiet before a search is sent. */
const QUIET = 60
/** Recent tasks shown before anything is typed. */
const RECENT = 6

const ITEM =
  'flex min-h-9 cursor-default select-none items-center gap-3 rounded-m px-3 py-1 text-s data-[selected=true]:bg-hover pointer-coarse:min-h-11'
const GROUP = '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-2 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-soft'

function useQuiet(text: string): string {
  const [quiet, setQuiet] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(text), QUIET)
    return () => clearTimeout(timer)
  }, [text])
  return quiet
}

/** What search gives for the text; before anything is typed, the newest tasks. */
function useFound(text: string) {
  const asked = useQuiet(text.trim())
  const recent = useInfiniteQuery(recentsQuery('current'))
  const search = useQuery(searchQuery(asked))
  const count = search.data?.length
  useEffect(() => {
    if (asked !== '' && count !== undefined && !search.isPlaceholderData) announce(words.found(count))
  }, [asked, count, search.isPlaceholderData])
  if (text.trim() === '') return { tasks: (recent.data?.pages[0] ?? []).slice(0, RECENT), busy: false, error: null }
  const busy = search.isFetching || asked !== text.trim()
  return { tasks: search.data ?? [], busy, error: search.error }
}

function TaskItem({ task, onPick }: { task: TaskSummary; onPick: () => void }) {
  const now = useToday()
  return (
    <Command.Item value={`task-${task.id}`} onSelect={onPick} className={ITEM}>
      <StateMark state={task.state} />
      <span className="min-w-0 flex-1 truncate">{task.title === '' ? words.untitled : task.title}</span>
      {task.project != null && <span className="max-w-32 truncate text-xs text-soft">{task.project}</span>}
      <span className="shrink-0 text-xs text-soft">{day(task.changed_at, now)}</span>
    </Command.Item>
  )
}

function CommandItem({ command, onPick }: { command: PaletteCommand; onPick: () => void }) {
  const Icon = command.icon
  return (
    <Command.Item value={command.id} onSelect={onPick} className={ITEM}>
      <Icon aria-hidden className="size-4 shrink-0 text-soft" />
      <span className="min-w-0 flex-1 truncate">{command.title}</span>
      {command.keys !== undefined && <Kbd>{shownKeys(command.keys, onMac()).join(' ')}</Kbd>}
    </Command.Item>
  )
}

function Hint({ keys, children }: { keys: string; children: ReactNode }) {
  return (
    <span className="flex items-center gap-1">
      <Kbd>{keys}</Kbd> {children}
    </span>
  )
}

export interface PaletteProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  commands: readonly PaletteCommand[]
}

export function Palette({ open, onOpenChange, commands }: PaletteProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={words.title} bare>
      <Finder commands={commands} onDone={() => onOpenChange(false)} />
    </Dialog>
  )
}

function Finder({ commands, onDone }: { commands: readonly PaletteCommand[]; onDone: () => void }) {
  const [text, setText] = useState('')
  const navigate = useNavigate()
  const { tasks, busy, error } = useFound(text)
  const fitting = grouped(matching(commands, text))
  const empty = tasks.length === 0 && fitting.length === 0
  const pick = (run: () => void) => () => {
    onDone()
    run()
  }
  const found = tasks.length > 0 && (
    <Command.Group heading={text.trim() === '' ? words.recent : words.tasks} className={GROUP}>
      {tasks.map((task) => (
        <TaskItem key={task.id} task={task} onPick={pick(() => void navigate({ to: '/tasks/$task', params: { task: task.id } }))} />
      ))}
    </Command.Group>
  )
  return (
    <Command shouldFilter={false} loop label={words.title} className="flex min-h-0 flex-col">
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search aria-hidden className="size-4 shrink-0 text-soft" />
        <Command.Input
          value={text}
          onValueChange={setText}
          aria-label={words.placeholder}
          placeholder={words.placeholder}
          className="h-12 w-full bg-transparent text-m outline-none"
        />
      </div>
      <Command.List label={words.title} className="max-h-96 min-h-0 overflow-y-auto overscroll-contain p-2">
        {error !== null && <ErrorNote message={words.failed} hint={asApiError(error).hint} />}
        {empty && error === null && (
          <div role="status" className="px-3 py-8 text-center text-s text-soft">
            <p className="font-medium text-ink">{busy ? words.searching : words.nothing(text.trim())}</p>
            {!busy && <p className="mt-1">{words.nothingHint}</p>}
          </div>
        )}
        {found}
        {fitting.map(([group, members]) => (
          <Command.Group key={group} heading={group} className={GROUP}>
            {members.map((command) => (
              <CommandItem key={command.id} command={command} onPick={pick(command.run)} />
            ))}
          </Command.Group>
        ))}
      </Command.List>
      <div aria-hidden className="flex gap-4 border-t border-line px-4 py-2 text-xs text-soft pointer-coarse:hidden">
        <Hint keys="↑ ↓">{words.hints.move}</Hint>
        <Hint keys="Enter">{words.hints.open}</Hint>
        <Hint keys="Esc">{words.hints.close}</Hint>
      </div>
    </Command>
  )
}
