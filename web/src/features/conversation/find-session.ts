// Whether Find is open in a task. Apart from the conversation, because the bar above it opens it too.
import { useSyncExternalStore } from 'react'

const asked = new Map<string, number>()
const listeners = new Set<() => void>()
let serial = 0

function tell(): void {
  for (const listener of listeners) listener()
}

/** Opens Find in a task, or puts the focus back into it. */
export function openFind(task: string): void {
  serial += 1
  asked.set(task, serial)
  tell()
}

export function closeFind(task: string): void {
  asked.delete(task)
  tell()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Grows each time Find is asked for; none while it is closed. */
export function useFindAsked(task: string): number | undefined {
  return useSyncExternalStore(subscribe, () => asked.get(task))
}
