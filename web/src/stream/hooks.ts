// A live task for components: each hook gives one thing and draws again only when that thing changes.
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { storeOf } from './registry'
import type { Connection, Item, TaskView, TurnFacts } from './shape'
import type { Failure, ItemsSnapshot, TaskStore } from './store'

/** The store of a task. It is loaded and followed while anyone uses it, and kept a little longer. */
export function useTask(id: string): TaskStore {
  const store = useMemo(() => storeOf(id), [id])
  useEffect(() => store.hold(), [store])
  return store
}

/**
 * A part of the view. Draws again when `select` gives something else by `Object.is`, so select what is in the view as it
 * is (`(view) => view.progress`) and make new objects and arrays outside.
 */
export function useView<T>(store: TaskStore, select: (view: TaskView) => T): T {
  return useSyncExternalStore(store.subscribe, remembered(store, select))
}

/** One value per view, so that a selection that makes objects does not draw for ever. */
function remembered<T>(store: TaskStore, select: (view: TaskView) => T): () => T {
  let of: TaskView | undefined
  let value: { readonly it: T } | undefined
  return () => {
    if (value === undefined || of !== store.view) {
      of = store.view
      value = { it: select(of) }
    }
    return value.it
  }
}

/** The conversation. Draws again when items come or go, not when one changes: that is what [`useItem`] is for. */
export function useItems(store: TaskStore): ItemsSnapshot {
  return useSyncExternalStore(store.subscribe, () => store.items)
}

/** One item of the conversation, as it is now. */
export function useItem(store: TaskStore, index: number): Item | undefined {
  return useSyncExternalStore(store.subscribe, () => store.items.items[index])
}

/** The turns so far, in order. */
export function useTurns(store: TaskStore): readonly TurnFacts[] {
  return useSyncExternalStore(store.subscribe, () => store.turns)
}

/** Whether what is shown is all there is. */
export function useConnection(store: TaskStore): Connection {
  return useSyncExternalStore(store.subscribe, () => store.connection)
}

/** Why a task cannot be shown; none while it can. */
export function useFailure(store: TaskStore): Failure | undefined {
  return useSyncExternalStore(store.subscribe, () => store.failure)
}

/** Grows with every change of the conversation, also within an item: for what looks at all of it, such as Find. */
export function useRevision(store: TaskStore): number {
  return useSyncExternalStore(store.subscribe, () => store.revision)
}
