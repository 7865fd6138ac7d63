// Whether the daemon still knows this page. A daemon that was started anew has a new key; the page must be opened again.
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { ApiError, makeQueryClient } from '@api'

let expired = false
const listeners = new Set<() => void>()

function set(now: boolean): void {
  if (now === expired) return
  expired = now
  for (const listener of listeners) listener()
}

function look(error: unknown): void {
  if (error instanceof ApiError && error.code === 'unauthorized') set(true)
}

/** The client for lists and settings, watching for answers that say the key is no longer good. */
export function watchedQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: makeQueryClient().getDefaultOptions(),
    queryCache: new QueryCache({ onError: look, onSuccess: () => set(false) }),
    mutationCache: new MutationCache({ onError: look }),
  })
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useSessionExpired(): boolean {
  return useSyncExternalStore(subscribe, () => expired)
}
