// The lists of tasks kept up to date by the stream of changes, and what is known from it: whether the daemon answers, and
// how many tasks wait for the user.
import { nextOffset, recentsQuery } from '@api'
import type { Headline, Shelf } from '@api'
import type { QueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { Feed, windowsOf } from './feed'
import type { FeedConnection } from './feed'
import { browser } from './ports'
import type { Cancel } from './ports'
import { newest, patched } from './shelves'

const SHELVES: readonly Shelf[] = ['current', 'pinned', 'archived']

/** A value components may look at. */
class Signal<T> {
  #value: T
  readonly #listeners = new Set<() => void>()

  constructor(value: T) {
    this.#value = value
  }

  readonly read = (): T => this.#value

  readonly subscribe = (listener: () => void): Cancel => {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const listener of this.#listeners) listener()
  }
}

const connection = new Signal<FeedConnection>('live')
const needsYou = new Signal(0)

/** Follows the changes among all tasks for as long as the caller is shown. Used once, by the shell. */
export function useRecentsFeed(queries: QueryClient): void {
  useEffect(() => {
    // What was told while a list was being fetched may be missing in what comes back, so it is put in once more.
    const late: Headline[] = []
    const feed = new Feed({
      ports: browser,
      windows: windowsOf(),
      take: (headlines) => {
        if (fetching(queries)) late.push(...headlines)
        takeHeadlines(queries, headlines)
      },
      changed: () => connection.set(feed.connection),
    })
    feed.start()
    const counting = queries.getQueryCache().subscribe((event) => {
      if (event.type !== 'updated' || event.action.type !== 'success') return
      if (late.length > 0 && !fetching(queries)) takeHeadlines(queries, late.splice(0).filter(({ type }) => type !== 'missed'))
      needsYou.set(countNeedsYou(queries))
    })
    needsYou.set(countNeedsYou(queries))
    return () => {
      counting()
      feed.stop()
    }
  }, [queries])
}

/** Whether the daemon answers. */
export function useFeedConnection(): FeedConnection {
  return useSyncExternalStore(connection.subscribe, connection.read)
}

/** How many tasks wait for the user, as far as Recents is loaded. */
export function useNeedsYou(): number {
  return useSyncExternalStore(needsYou.subscribe, needsYou.read)
}

/** Puts headlines into the lists that are loaded. */
export function takeHeadlines(queries: QueryClient, headlines: readonly Headline[]): void {
  if (headlines.some((headline) => headline.type === 'missed')) {
    void queries.invalidateQueries({ queryKey: ['recents'] })
    return
  }
  const tasks = newest(headlines)
  if (tasks.size === 0) return
  for (const shelf of SHELVES) {
    const query = recentsQuery(shelf)
    const data = queries.getQueryData(query.queryKey)
    if (data === undefined) continue
    const more = nextOffset(data.pages) !== undefined
    const after = patched(data, shelf, tasks, !more)
    if (after === data) continue
    queries.setQueryData(query.queryKey, after)
    // So much went away that the last page looks like the end: better asked than guessed.
    if (more && nextOffset(after.pages) === undefined) void queries.invalidateQueries({ queryKey: query.queryKey })
  }
}

function fetching(queries: QueryClient): boolean {
  return queries.isFetching({ queryKey: ['recents'] }) > 0
}

function countNeedsYou(queries: QueryClient): number {
  const data = queries.getQueryData(recentsQuery('current').queryKey)
  let count = 0
  for (const page of data?.pages ?? []) for (const task of page) if (task.state === 'needs_you') count += 1
  return count
}
