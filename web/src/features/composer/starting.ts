// Whether a task is being started. Outlives the composer: who leaves the page meanwhile and comes back must not start it
// once more.

let running = 0
const listeners = new Set<() => void>()

function count(by: 1 | -1): void {
  running += by
  for (const listener of listeners) listener()
}

/** A start begins; gives the way to end it. */
export function begin(): () => void {
  let over = false
  count(1)
  return () => {
    if (over) return
    over = true
    count(-1)
  }
}

export function starting(): boolean {
  return running > 0
}

/** Calls `listener` when a start begins or ends; gives the way to stop that. */
export function onStarting(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
