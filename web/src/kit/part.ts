// Pieces of the kit that come when they are first needed: menus, dialogs and panels are not part of the first load.
import { useEffect, useState } from 'react'
import { toast } from './toast'
import { words } from './words'

/** A piece and how to get it. */
export interface Part<T> {
  /** Fetches it, once; a failure is tried again the next time. */
  load: () => Promise<T>
  /** The piece, once it is there. */
  now: () => T | undefined
}

export function part<T>(fetch: () => Promise<T>): Part<T> {
  let value: T | undefined
  let coming: Promise<T> | undefined
  const load = () => {
    coming ??= fetch().then(
      (it) => (value = it),
      (error: unknown) => {
        coming = undefined
        throw error
      },
    )
    return coming
  }
  return { load, now: () => value }
}

/** Fetches a piece ahead of its use; a failure shows when it is used. */
export function ahead(...parts: readonly Part<unknown>[]): void {
  for (const each of parts) each.load().catch(() => undefined)
}

/** The piece once it is wanted and there. Where it cannot be had, that is said and `giveUp` is called. */
export function usePart<T>(wanted: Part<T>, open: boolean, giveUp: () => void): T | undefined {
  const [, arrived] = useState(0)
  const there = wanted.now() !== undefined
  useEffect(() => {
    if (!open || there) return
    let away = false
    wanted.load().then(
      () => {
        if (!away) arrived((count) => count + 1)
      },
      () => {
        if (away) return
        toast(words.missing, { tone: 'bad' })
        giveUp()
      },
    )
    return () => {
      away = true
    }
  }, [giveUp, open, there, wanted])
  return open ? wanted.now() : undefined
}
