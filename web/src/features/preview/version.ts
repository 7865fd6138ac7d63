// Which version of a file is the newest, as far as the task's events say.
import type { TaskView } from '@stream'

/** The version of a file that was deleted. */
export const GONE = 'gone'

/** A text that differs when the file's content does; empty for a file the task did not touch. */
export function versionOf(view: Pick<TaskView, 'changed' | 'outputs'>, path: string): string {
  const change = view.changed.find((known) => known.path === path)
  if (change?.kind === 'deleted') return GONE
  const card = view.outputs.find((known) => known.path === path)
  const digest = change?.after ?? ''
  return card === undefined ? digest : `${digest} ${card.turn} ${card.bytes}`
}
