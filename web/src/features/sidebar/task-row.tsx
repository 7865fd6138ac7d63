// One task in the list: its state, its title, and what it wants.
import { Ellipsis } from 'lucide-react'
import { memo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import type { TaskSummary } from '@api'
import { cx, StateMark, stateWord } from '@kit'
import { words } from './words'

/** What a row says after the title, for those who do not see its marks. */
export function standing(task: TaskSummary): string {
  const parts = [stateWord(task.state)]
  if (task.unread) parts.push(words.unread)
  if (task.state === 'working' && task.total > 0) parts.push(words.progress(task.done, task.total))
  return parts.join(', ')
}

export interface TaskRowProps {
  task: TaskSummary
  active: boolean
  /** The one row that Tab reaches. */
  stop: boolean
  renaming: boolean
  onOpen: (id: string) => void
  onFocus: (id: string) => void
  onRenamed: (id: string, title: string | undefined) => void
}

/** The field in the place of the title. Enter and leaving keep the title, Esc does not. */
function RenameField({ task, onRenamed }: Pick<TaskRowProps, 'task' | 'onRenamed'>) {
  const [title, setTitle] = useState(task.title)
  const over = useRef(false)
  const end = (kept: string | undefined) => {
    if (over.current) return
    over.current = true
    onRenamed(task.id, kept)
  }
  const keys = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') end(title)
    else if (event.key === 'Escape') end(undefined)
  }
  return (
    <input
      aria-label={words.rename.label}
      title={words.rename.keys}
      value={title}
      maxLength={200}
      ref={(field) => {
        if (field !== null && document.activeElement !== field) {
          field.focus()
          field.select()
        }
      }}
      onChange={(event) => setTitle(event.target.value)}
      onKeyDown={keys}
      onBlur={() => end(title)}
      className="h-7 w-full rounded-s border border-edge bg-panel px-2 text-s"
    />
  )
}

/** Opens the row's context menu below its button. */
function openMenu(event: MouseEvent<HTMLElement>): void {
  event.preventDefault()
  event.stopPropagation()
  const box = event.currentTarget.getBoundingClientRect()
  event.currentTarget.dispatchEvent(
    new window.MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX: box.left, clientY: box.bottom }),
  )
}

function Wants({ task }: { task: TaskSummary }) {
  if (task.state === 'needs_you') return <span className="shrink-0 text-xs font-medium text-warn">{words.needsYou}</span>
  if (task.state === 'working' && task.total > 0) {
    return <span className="shrink-0 text-xs text-soft tabular-nums">{words.progressShort(task.done, task.total)}</span>
  }
  return task.unread ? <span className="mx-1 size-2 shrink-0 rounded-full bg-accent" /> : null
}

export const TaskRow = memo(function TaskRow({ task, active, stop, renaming, onOpen, onFocus, onRenamed }: TaskRowProps) {
  if (renaming) return <RenameField task={task} onRenamed={onRenamed} />
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    onOpen(task.id)
  }
  const title = task.title === '' ? words.untitled : task.title
  return (
    <div className={cx('group relative h-full rounded-m', active ? 'bg-panel ring-1 ring-line' : 'hover:bg-hover')}>
      <a
        href={`/tasks/${task.id}`}
        data-task={task.id}
        aria-current={active ? 'page' : undefined}
        title={`${title}, ${standing(task)}`}
        tabIndex={stop ? 0 : -1}
        onClick={open}
        onFocus={() => onFocus(task.id)}
        className="flex h-full items-center gap-2 rounded-m px-2 text-s focus-visible:-outline-offset-2"
      >
        <span aria-hidden className="contents">
          <StateMark state={task.state} />
        </span>
        <span className={cx('min-w-0 flex-1 truncate group-focus-within:pr-5 group-hover:pr-5', task.unread && 'font-semibold')}>
          {title}
          <span className="sr-only">{standing(task)}</span>
        </span>
        <span aria-hidden className="flex shrink-0 items-center group-focus-within:hidden group-hover:hidden pointer-coarse:mr-8 pointer-coarse:flex!">
          <Wants task={task} />
        </span>
      </a>
      <button
        type="button"
        tabIndex={-1}
        data-task={task.id}
        aria-label={words.menuOf(title)}
        aria-haspopup="menu"
        onClick={openMenu}
        className="absolute inset-y-0 right-0 flex w-8 items-center justify-center rounded-m text-soft opacity-0 hover:text-ink group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
      >
        <Ellipsis aria-hidden className="size-4" />
      </button>
    </div>
  )
})
