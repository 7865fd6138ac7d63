// The tasks of the sidebar, page by page, and the day they are counted from.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { recentsQuery } from '@api'
import { useToday } from '@kit'
import { projectsOf, rowsOf } from './rows'

export function useTasks() {
  const pinned = useInfiniteQuery(recentsQuery('pinned'))
  const current = useInfiniteQuery(recentsQuery('current'))
  const today = useToday()
  const held = useMemo(() => pinned.data?.pages.flat() ?? [], [pinned.data])
  const recent = useMemo(() => current.data?.pages.flat() ?? [], [current.data])
  const rows = useMemo(() => rowsOf(held, recent, today), [held, recent, today])
  const projects = useMemo(() => projectsOf([...held, ...recent]), [held, recent])
  return {
    rows,
    projects,
    loading: current.isPending,
    failed: current.isError && current.data === undefined,
    retry: () => void current.refetch(),
    more: () => {
      if (current.hasNextPage && !current.isFetchingNextPage) void current.fetchNextPage()
      if (pinned.hasNextPage && !pinned.isFetchingNextPage) void pinned.fetchNextPage()
    },
  }
}
