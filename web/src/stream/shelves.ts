// Headlines put into the pages of Recents that are loaded already, so that nothing is asked for again.
import type { Headline, Shelf, TaskSummary } from '@api'

/** Pages as TanStack Query keeps them. */
export interface Pages {
  pages: TaskSummary[][]
  pageParams: unknown[]
}

/** What became of each task: its newest summary, or none where it is gone. */
export function newest(headlines: readonly Headline[]): Map<string, TaskSummary | undefined> {
  const tasks = new Map<string, TaskSummary | undefined>()
  for (const headline of headlines) {
    switch (headline.type) {
      case 'task':
        tasks.set(headline.data.id, headline.data)
        break
      case 'gone':
        tasks.set(headline.data.id, undefined)
        break
      default:
    }
  }
  return tasks
}

/** Whether a task stands on a shelf. */
export function belongs(task: TaskSummary, shelf: Shelf): boolean {
  switch (shelf) {
    case 'current':
      return !task.archived
    case 'pinned':
      return task.pinned && !task.archived
    case 'archived':
      return task.archived
  }
}

/** Newest change first; the daemon's order. */
function before(one: TaskSummary, other: TaskSummary): boolean {
  return one.changed_at === other.changed_at ? one.id > other.id : one.changed_at > other.changed_at
}

/**
 * The pages with the changes in them; the same object where nothing changes. A task goes where its last change puts it;
 * one that belongs behind everything loaded is left for its page, unless `whole` says that there is no further page.
 */
export function patched<P extends Pages>(data: P, shelf: Shelf, tasks: ReadonlyMap<string, TaskSummary | undefined>, whole: boolean): P {
  let touched = false
  const pages = data.pages.map((page) => {
    if (!page.some((task) => tasks.has(task.id))) return page
    touched = true
    return page.filter((task) => !tasks.has(task.id))
  })
  for (const task of tasks.values()) {
    if (task !== undefined && belongs(task, shelf) && place(pages, task, whole)) touched = true
  }
  return touched ? { ...data, pages } : data
}

function place(pages: TaskSummary[][], task: TaskSummary, whole: boolean): boolean {
  let number = pages.findIndex((page) => {
    const last = page.at(-1)
    return last !== undefined && before(task, last)
  })
  if (number < 0) {
    if (!whole || pages.length === 0) return false
    number = pages.length - 1
  }
  const page = pages[number] ?? []
  let from = 0
  let to = page.length
  while (from < to) {
    const middle = (from + to) >> 1
    const there = page[middle]
    if (there !== undefined && before(there, task)) from = middle + 1
    else to = middle
  }
  pages[number] = [...page.slice(0, from), task, ...page.slice(from)]
  return true
}
