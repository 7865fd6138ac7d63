// Asking for an Undo and waiting until it has happened: the command is stored first, the files follow, and the task's
// events say so.
import { useEffect, useEffectEvent, useState } from 'react'
import { asApiError, send, type ApiError, type Change, type UndoSelection } from '@api'
import { useView, type TaskStore } from '@stream'

/** After this many milliseconds without a change the dialog says that it takes longer. */
const PATIENCE = 8_000

type State =
  | { readonly state: 'idle' | 'late' }
  | { readonly state: 'failed'; readonly error: ApiError }
  | { readonly state: 'working'; readonly before: readonly Change[] }

export interface Undoing {
  readonly state: State['state']
  readonly error: ApiError | undefined
  start: (selection: UndoSelection) => void
}

/** How many files a list of changes has that an earlier list of the same task had not, or had otherwise. */
export function changedSince(before: readonly Change[], now: readonly Change[]): number {
  const known = new Set(before)
  return now.filter((change) => !known.has(change)).length
}

/** Starts an Undo; `onDone` is told how many files changed. */
export function useUndo(store: TaskStore, onDone: (changed: number) => void): Undoing {
  const changed = useView(store, (view) => view.changed)
  const [state, setState] = useState<State>({ state: 'idle' })
  const finish = useEffectEvent(onDone)
  const working = state.state === 'working'
  const before = working ? state.before : undefined
  useEffect(() => {
    if (before === undefined) return
    const files = changedSince(before, changed)
    if (files > 0) finish(files)
  }, [before, changed])
  useEffect(() => {
    if (!working) return
    const timer = setTimeout(() => setState({ state: 'late' }), PATIENCE)
    return () => clearTimeout(timer)
  }, [working])
  const start = (selection: UndoSelection) => {
    setState({ state: 'working', before: store.view.changed })
    send(store.id, { type: 'undo', data: { selection } }).catch((error: unknown) => setState({ state: 'failed', error: asApiError(error) }))
  }
  return { state: state.state, error: state.state === 'failed' ? state.error : undefined, start }
}
