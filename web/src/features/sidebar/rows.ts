// The list of tasks as rows: pinned first, then the rest by day of their last change.
import type { TaskSummary } from '@api'
import { day } from '@lib/format'
import { words } from './words'

export type Row =
  | { readonly kind: 'heading'; readonly key: string; readonly title: string }
  | { readonly kind: 'task'; readonly key: string; readonly task: TaskSummary }

function newestFirst(a: TaskSummary, b: TaskSummary): number {
  return b.changed_at - a.changed_at
}

/** The start of the day that holds a moment, in milliseconds since 1970. */
export function dayStart(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

/**
 * Rows of tasks. A task that is pinned stands under Pinned only, an archived one nowhere; a task on both lists counts
 * once, as `current` tells it.
 */
export function rowsOf(pinned: readonly TaskSummary[], current: readonly TaskSummary[], now: number): Row[] {
  const known = new Map<string, TaskSummary>()
  for (const task of [...pinned, ...current]) if (!task.archived) known.set(task.id, task)
  const all = [...known.values()].sort(newestFirst)
  const kept = all.filter((task) => task.pinned)
  const rows: Row[] = []
  if (kept.length > 0) {
    rows.push({ kind: 'heading', key: 'pinned', title: words.pinned })
    for (const task of kept) rows.push({ kind: 'task', key: task.id, task })
  }
  let start = Infinity
  let title = ''
  for (const task of all) {
    if (task.pinned) continue
    if (task.changed_at < start) {
      start = dayStart(task.changed_at)
      const next = day(task.changed_at, now)
      if (next !== title) rows.push({ kind: 'heading', key: `day-${start}`, title: next })
      title = next
    }
    rows.push({ kind: 'task', key: task.id, task })
  }
  return rows
}

/** The row of a task, or -1. */
export function rowOf(rows: readonly Row[], id: string | undefined): number {
  return id === undefined ? -1 : rows.findIndex((row) => row.kind === 'task' && row.task.id === id)
}

/** The next row with a task from `from` on in a direction; `from` itself where there is none. */
export function stepped(rows: readonly Row[], from: number, by: 1 | -1): number {
  for (let at = from + by; at >= 0 && at < rows.length; at += by) {
    if (rows[at]?.kind === 'task') return at
  }
  return from
}

/** Where a key leads in the list; nothing for keys that do not move. */
export function moved(rows: readonly Row[], from: number, key: string): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return stepped(rows, from, 1)
    case 'ArrowUp':
      return stepped(rows, from, -1)
    case 'Home':
      return stepped(rows, -1, 1)
    case 'End':
      return stepped(rows, rows.length, -1)
    default:
      return undefined
  }
}

/** The projects that tasks are in, by name. */
export function projectsOf(tasks: readonly TaskSummary[]): string[] {
  const names = new Set<string>()
  for (const task of tasks) if (task.project != null && task.project !== '') names.add(task.project)
  return [...names].sort((a, b) => a.localeCompare(b))
}
