// Which changes of tasks are worth telling somebody who does not look at the page.
import type { TaskState, TaskSummary } from '@api'

export type Told = 'needs_you' | 'done' | 'failed'

/** What changed enough to tell: tasks that were known and now wait or ended. */
export function news(before: ReadonlyMap<string, TaskState>, now: readonly TaskSummary[]): { task: TaskSummary; told: Told }[] {
  const found: { task: TaskSummary; told: Told }[] = []
  for (const task of now) {
    const was = before.get(task.id)
    if (was === undefined || was === task.state) continue
    if (task.state === 'needs_you' || task.state === 'done' || task.state === 'failed') found.push({ task, told: task.state })
  }
  return found
}
