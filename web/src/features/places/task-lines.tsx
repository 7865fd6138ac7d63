// Tasks as a plain list, outside the sidebar.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { TaskSummary } from '@api'
import { StateMark, useToday } from '@kit'
import { day, moment } from '@lib/format'
import { words } from './words'

export interface TaskLinesProps {
  tasks: readonly TaskSummary[]
  label: string
  /** What stands at the end of each line. */
  actions?: ((task: TaskSummary) => ReactNode) | undefined
}

export function TaskLines({ tasks, label, actions }: TaskLinesProps) {
  const now = useToday()
  return (
    <ul aria-label={label} className="flex flex-col">
      {tasks.map((task) => (
        <li key={task.id} className="flex min-h-11 items-center gap-3 border-b border-line last:border-b-0">
          <Link to="/tasks/$task" params={{ task: task.id }} className="flex min-w-0 flex-1 items-center gap-3 rounded-s py-2 hover:text-accent">
            <StateMark state={task.state} />
            <span className="min-w-0 flex-1 truncate text-m">{task.title === '' ? words.untitled : task.title}</span>
            <span className="hidden shrink-0 text-xs text-soft sm:inline" title={moment(task.changed_at)}>
              {day(task.changed_at, now)}
            </span>
          </Link>
          {actions?.(task)}
        </li>
      ))}
    </ul>
  )
}
