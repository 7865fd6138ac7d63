// One task changed in the loaded pages of the lists, ahead of the daemon, and taken back where it refuses.
import type { InfiniteData } from '@tanstack/react-query'
import type { TaskSummary } from '@api'

export type Pages = InfiniteData<TaskSummary[], number>

/** What the menu of a task changes at once. */
export type Shown = Partial<Pick<TaskSummary, 'title' | 'pinned' | 'unread' | 'archived' | 'project'>>

/** The pages with one task changed; pages without it stay the same objects. */
export function patched(data: Pages | undefined, id: string, change: (task: TaskSummary) => TaskSummary): Pages | undefined {
  if (data === undefined) return data
  const pages = data.pages.map((page) =>
    page.some((task) => task.id === id) ? page.map((task) => (task.id === id ? change(task) : task)) : page,
  )
  return { ...data, pages }
}

/** The task as it is now, with what was changed as it was before; what has changed again since then stays. */
export function takenBack(now: TaskSummary, before: TaskSummary, fields: Shown): TaskSummary {
  return {
    ...now,
    ...('title' in fields && now.title === fields.title && { title: before.title }),
    ...('pinned' in fields && now.pinned === fields.pinned && { pinned: before.pinned }),
    ...('unread' in fields && now.unread === fields.unread && { unread: before.unread }),
    ...('archived' in fields && now.archived === fields.archived && { archived: before.archived }),
    ...('project' in fields && now.project === fields.project && { project: before.project ?? null }),
  }
}
