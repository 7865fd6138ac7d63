// Lists and settings: what is asked for once in a while and kept. What happens inside a task comes by its stream.
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query'
import { answered, client } from './client'
import { fileBytes } from './files'
import type { UndoSelection } from './types'

/** Tasks fetched at once for Recents. */
export const PAGE = 200

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { staleTime: 30_000, retry: 1, refetchOnWindowFocus: false }, mutations: { retry: 0 } },
  })
}

export type Shelf = 'current' | 'pinned' | 'archived'

/**
 * Where the page behind these begins; none behind the last. What changes meanwhile is put into pages and taken out of
 * them, so they differ in length, and only a page far from full is the last.
 */
export function nextOffset(pages: readonly (readonly unknown[])[]): number | undefined {
  const last = pages.at(-1)?.length ?? 0
  return last < PAGE / 2 ? undefined : pages.reduce((sum, page) => sum + page.length, 0)
}

/** Recents of one shelf, newest change first, page by page. */
export function recentsQuery(shelf: Shelf) {
  return infiniteQueryOptions({
    queryKey: ['recents', shelf],
    queryFn: ({ pageParam, signal }) =>
      answered(client.GET('/api/v1/tasks', { params: { query: { shelf, limit: PAGE, offset: pageParam } }, signal })),
    initialPageParam: 0,
    getNextPageParam: (_last, pages) => nextOffset(pages),
    staleTime: Infinity,
  })
}

/** Tasks whose title, text or file names contain every word. */
export function searchQuery(text: string) {
  return queryOptions({
    queryKey: ['search', text],
    queryFn: ({ signal }) => answered(client.GET('/api/v1/search', { params: { query: { q: text, limit: 50 } }, signal })),
    enabled: text.trim() !== '',
    staleTime: 5_000,
    placeholderData: (before) => before,
  })
}

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => answered(client.GET('/api/v1/settings', { signal })),
})

/** Every decision about a connection of a task. `after` is what the task has come to: another asks again. */
export function ledgerQuery(task: string, after: string) {
  return queryOptions({
    queryKey: ['ledger', task, after],
    queryFn: ({ signal }) => answered(client.GET('/api/v1/tasks/{id}/ledger', { params: { path: { id: task } }, signal })),
    placeholderData: (before) => before,
  })
}

export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => answered(client.GET('/api/v1/models', { signal })),
  staleTime: 60_000,
})

export const readinessQuery = queryOptions({
  queryKey: ['readiness'],
  queryFn: ({ signal }) => answered(client.GET('/api/v1/doctor', { signal })),
  staleTime: 5 * 60_000,
})

export const grantsQuery = queryOptions({
  queryKey: ['grants'],
  queryFn: ({ signal }) => answered(client.GET('/api/v1/grants', { signal })),
})

/** What is kept for Undo; it changes with every task, so it is asked afresh. */
export const journalQuery = queryOptions({
  queryKey: ['journal'],
  queryFn: ({ signal }) => answered(client.GET('/api/v1/journal', { signal })),
  staleTime: 0,
})

/** Directories of this computer; none gives the home directory. */
export function foldersQuery(path: string | undefined) {
  return queryOptions({
    queryKey: ['folders', path ?? ''],
    queryFn: ({ signal }) =>
      answered(client.GET('/api/v1/folders', { params: { query: path === undefined ? {} : { path } }, signal })),
    staleTime: 5_000,
  })
}

/** What an Undo would do; always asked afresh. */
export function undoPlanQuery(task: string, selection: UndoSelection) {
  return queryOptions({
    queryKey: ['undo', task, selection],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/tasks/{id}/undo', {
          params: {
            path: { id: task },
            query: {
              redo: selection.redo ?? false,
              ...(selection.turn == null ? {} : { turn: selection.turn }),
              ...(selection.path == null ? {} : { path: selection.path }),
            },
          },
          signal,
        }),
      ),
    staleTime: 0,
    gcTime: 0,
  })
}

/** What is in a directory of a task; none gives the places the task has. */
export function listingQuery(task: string, path: string | undefined) {
  return queryOptions({
    queryKey: ['listing', task, path ?? ''],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/tasks/{id}/listing', {
          params: { path: { id: task }, query: path === undefined ? {} : { path } },
          signal,
        }),
      ),
    staleTime: 0,
    gcTime: 60_000,
  })
}

/** The bytes of a task's file. `version` is any text that differs when the content does; old versions are let go soon. */
export function fileBytesQuery(task: string, path: string, version: string, most: number) {
  return queryOptions({
    queryKey: ['file', task, path, version, most],
    queryFn: ({ signal }) => fileBytes(task, path, most, signal),
    staleTime: Infinity,
    gcTime: 30_000,
    retry: false,
    structuralSharing: false,
  })
}
