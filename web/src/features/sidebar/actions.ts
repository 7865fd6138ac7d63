// What the menu of a task does. The list changes at once; the feed brings the truth a moment later, and a failure puts
// the list back and says why.
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { asApiError, exportAddress, removeTask, restoreTask, send, type TaskSummary, type Wish } from '@api'
import { toast } from '@kit'
import { saveFrom } from '@lib/save'
import { patched, takenBack, type Pages, type Shown } from './patch'
import { words } from './words'

/** Changes one task wherever the lists hold it. */
function patch(queries: QueryClient, id: string, change: (task: TaskSummary) => TaskSummary): void {
  queries.setQueriesData<Pages>({ queryKey: ['recents'] }, (data) => patched(data, id, change))
}

/** Says what failed, with its next step. */
export function complain(error: unknown): void {
  const { message, hint } = asApiError(error)
  toast(hint === undefined ? message : `${message}. ${hint}`, { tone: 'bad' })
}

export interface TaskActions {
  rename: (task: TaskSummary, title: string) => void
  pin: (task: TaskSummary, pinned: boolean) => void
  markUnread: (task: TaskSummary, unread: boolean) => void
  archive: (task: TaskSummary, archived: boolean) => void
  move: (task: TaskSummary, project: string | null) => void
  download: (task: TaskSummary) => void
  /** Gives whether the task is gone. */
  remove: (task: TaskSummary) => Promise<boolean>
}

export function useTaskActions(): TaskActions {
  const queries = useQueryClient()
  return useMemo(() => actionsWith(queries), [queries])
}

function actionsWith(queries: QueryClient): TaskActions {
  const change = (task: TaskSummary, fields: Shown, wish: Wish, then?: () => void) => {
    patch(queries, task.id, (now) => ({ ...now, ...fields }))
    send(task.id, wish).then(then, (error: unknown) => {
      patch(queries, task.id, (now) => takenBack(now, task, fields))
      complain(error)
    })
  }
  const archive = (task: TaskSummary, archived: boolean) =>
    change(task, { archived }, { type: 'mark', data: { type: archived ? 'archived' : 'unarchived' } }, () => {
      if (archived) toast(words.archived(task.title), { action: { label: words.undo, run: () => archive(task, false) } })
    })
  return {
    rename: (task, title) => change(task, { title }, { type: 'rename', data: { title } }),
    pin: (task, pinned) => change(task, { pinned }, { type: 'mark', data: { type: pinned ? 'pinned' : 'unpinned' } }),
    markUnread: (task, unread) => change(task, { unread }, { type: 'mark', data: { type: unread ? 'unseen' : 'seen' } }),
    archive,
    move: (task, project) =>
      change(task, { project }, { type: 'mark', data: { type: 'project', data: { name: project } } }, () => toast(words.moved(project))),
    download: (task) => saveFrom(exportAddress(task.id)),
    remove: async (task) => {
      try {
        await removeTask(task.id)
      } catch (error) {
        complain(error)
        return false
      }
      await queries.invalidateQueries({ queryKey: ['recents'] })
      toast(words.remove.done(task.title), { action: { label: words.remove.undo, run: () => bringBack(queries, task) } })
      return true
    },
  }
}

function bringBack(queries: QueryClient, task: TaskSummary): void {
  restoreTask(task.id).then(
    async () => {
      await queries.invalidateQueries({ queryKey: ['recents'] })
      toast(words.remove.back(task.title))
    },
    complain,
  )
}
