// What one open conversation remembers while its rows come and go on the screen: what is unfolded, where
// Find stands, what was typed into a card. Rows are taken out of the page when they are scrolled away; this is not.
import { createContext, useCallback, useContext, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'
import type { Hit } from './find'
import { readHalf, textOf, textsOf, writeHalf } from './half-done'

/** Values by name, for the life of the conversation. */
class Memory {
  readonly #values = new Map<string, unknown>()
  #hit: Hit | undefined
  readonly #listeners = new Set<() => void>()

  read(name: string): unknown {
    return this.#values.get(name)
  }

  write(name: string, value: unknown): void {
    this.#values.set(name, value)
  }

  readonly hit = (): Hit | undefined => this.#hit

  /** Points at a hit of Find; its row unfolds what holds it. */
  point(hit: Hit | undefined): void {
    if (this.#hit === hit) return
    this.#hit = hit
    for (const listener of this.#listeners) listener()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** What rows can do besides showing themselves. */
export interface Doings {
  readonly task: string
  readonly onPreview: (path: string) => void
  readonly onUndoTurn: (turn: number) => void
  readonly onRedo: () => void
  /** Where relative paths of the task start. */
  readonly start: string
}

interface Session extends Doings {
  readonly memory: Memory
}

const Open = createContext<Session | undefined>(undefined)

export function SessionProvider({ doings, children }: { doings: Doings; children: ReactNode }) {
  const [memory] = useState(() => new Memory())
  const session = useMemo(() => ({ ...doings, memory }), [doings, memory])
  return <Open.Provider value={session}>{children}</Open.Provider>
}

/** The conversation around a row. */
export function useSession(): Session {
  const session = useContext(Open)
  if (session === undefined) throw new Error('a row stands outside a conversation')
  return session
}

/** State of a row that survives its being scrolled away. `guard` tells whether what was kept is of the right kind. */
function useKept<T>(name: string, initial: T, guard: (value: unknown) => value is T): readonly [T, (value: T) => void] {
  const { memory } = useSession()
  const [value, setValue] = useState<T>(() => {
    const before = memory.read(name)
    return guard(before) ? before : initial
  })
  const set = useCallback(
    (next: T) => {
      memory.write(name, next)
      setValue(next)
    },
    [memory, name],
  )
  return [value, set]
}

const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'

export function useKeptFlag(name: string, initial: boolean) {
  return useKept(name, initial, isFlag)
}

/** What is half written into a card; it survives leaving the task and a reload, until the card is answered. */
function useHalf<T>(card: string, field: string, read: (value: unknown) => T): readonly [T, (value: T) => void] {
  const { task } = useSession()
  const [value, setValue] = useState<T>(() => read(readHalf(task, card, field)))
  const set = useCallback(
    (next: T) => {
      writeHalf(task, card, field, next)
      setValue(next)
    },
    [task, card, field],
  )
  return [value, set]
}

export function useHalfText(card: string, field: string) {
  return useHalf(card, field, textOf)
}

export function useHalfTexts(card: string, field: string) {
  return useHalf(card, field, textsOf)
}

/** The call of an item in which Find stands; an empty text where it stands in the item itself; none elsewhere. */
export function useFoundIn(key: string): string | undefined {
  const { memory } = useSession()
  return useSyncExternalStore(memory.subscribe, () => {
    const hit = memory.hit()
    return hit?.key === key ? (hit.call ?? '') : undefined
  })
}
