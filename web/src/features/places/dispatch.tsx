// Dispatch: what will be there, and which tasks wait for their user now.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { asApiError, recentsQuery } from '@api'
import { ErrorNote, Skeleton } from '@kit'
import { Coming, Place } from './place'
import { TaskLines } from './task-lines'
import { words } from './words'

export function DispatchPage() {
  const { data, isPending, error, refetch } = useInfiniteQuery(recentsQuery('current'))
  const waiting = useMemo(() => (data?.pages.flat() ?? []).filter((task) => task.state === 'needs_you'), [data])
  return (
    <Place title={words.dispatch.title} intro={words.dispatch.intro}>
      <Coming>{words.dispatch.coming}</Coming>
      <section aria-label={words.today} className="flex flex-col gap-3">
        <h2 className="text-m font-semibold">{words.today}</h2>
        <p className="text-m text-soft">{words.dispatch.today}</p>
      </section>
      <section aria-label={words.dispatch.waiting} className="flex flex-col gap-2">
        <h2 className="text-m font-semibold">{words.dispatch.waiting}</h2>
        {isPending && <Skeleton lines={2} />}
        {error !== null && data === undefined && (
          <ErrorNote message={words.failed} hint={asApiError(error).hint} onRetry={() => void refetch()} />
        )}
        {data !== undefined && waiting.length === 0 && <p className="text-m text-soft">{words.dispatch.nothing}</p>}
        {waiting.length > 0 && <TaskLines tasks={waiting} label={words.dispatch.waiting} />}
      </section>
    </Place>
  )
}
