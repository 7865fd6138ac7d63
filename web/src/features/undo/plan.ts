// What an Undo would do, in groups: what comes back, what goes, what is left alone.
import type { UndoPlanStep, UndoSelection } from '@api'

/** What happens to a group of files. */
export type Kind = 'restored' | 'removed' | 'folders' | 'left'

export interface Group {
  readonly kind: Kind
  readonly steps: readonly UndoPlanStep[]
}

const ORDER: readonly Kind[] = ['restored', 'removed', 'folders', 'left']

/** What happens in a step; one with a conflict is left alone. */
export function kindOf(step: UndoPlanStep): Kind {
  if (step.conflict !== undefined && step.conflict !== null) return 'left'
  switch (step.kind) {
    case 'restore':
      return 'restored'
    case 'remove':
      return 'removed'
    case 'remove_folder':
    case 'make_folder':
      return 'folders'
    case 'leave':
      return 'left'
  }
}

/** The steps in groups, each in the order the server gave. */
export function groupsOf(steps: readonly UndoPlanStep[]): readonly Group[] {
  return ORDER.map((kind) => ({ kind, steps: steps.filter((step) => kindOf(step) === kind) })).filter(({ steps: some }) => some.length > 0)
}

/** How many steps change something. */
export function changing(steps: readonly UndoPlanStep[]): number {
  return steps.filter((step) => kindOf(step) !== 'left').length
}

/** How far an Undo goes. */
export type Scope = 'file' | 'turn' | 'task'

/** The scope of a selection; none for a redo. */
export function scopeOf(selection: UndoSelection): Scope | undefined {
  if (selection.redo === true) return undefined
  if (selection.path !== undefined && selection.path !== null) return 'file'
  return selection.turn !== undefined && selection.turn !== null ? 'turn' : 'task'
}

/** The scopes to choose from, beginning with a selection: its file and its turn where it names them, always the task. */
export function scopesOf(selection: UndoSelection, lastTurn: number | undefined): readonly Scope[] {
  if (selection.redo === true) return []
  const file = selection.path !== undefined && selection.path !== null
  const turn = turnOf(selection, lastTurn) !== undefined
  return [...(file ? (['file'] as const) : []), ...(turn ? (['turn'] as const) : []), 'task']
}

/** The turn a selection means: the one it names, or the last that changed files. */
export function turnOf(selection: UndoSelection, lastTurn: number | undefined): number | undefined {
  return selection.turn ?? lastTurn
}

/** The selection for a scope. */
export function narrowed(selection: UndoSelection, scope: Scope, lastTurn: number | undefined): UndoSelection {
  switch (scope) {
    case 'file':
      return { path: selection.path ?? null }
    case 'turn':
      return { turn: turnOf(selection, lastTurn) ?? null }
    case 'task':
      return {}
  }
}
