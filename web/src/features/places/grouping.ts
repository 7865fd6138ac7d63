// Tasks under the names of their projects.
import type { TaskSummary } from '@api'

export interface Project {
  readonly name: string
  readonly tasks: readonly TaskSummary[]
}

/** Projects by their newest task, each with its tasks in the order given; tasks without a project are left out. */
export function projectsIn(tasks: readonly TaskSummary[]): Project[] {
  const found = new Map<string, TaskSummary[]>()
  for (const task of tasks) {
    if (task.project == null || task.project === '') continue
    const members = found.get(task.project)
    if (members === undefined) found.set(task.project, [task])
    else members.push(task)
  }
  return [...found].map(([name, members]) => ({ name, tasks: members }))
}
