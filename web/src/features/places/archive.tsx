// The archive: tasks out of the list, each with the way back.
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Archive, ArchiveRestore, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { asApiError, recentsQuery, removeTask, restoreTask, send, type TaskSummary } from '@api'
import { Button, Confirm, Empty, ErrorNote, IconButton, Skeleton, toast } from '@kit'
import { Place } from './place'
import { TaskLines } from './task-lines'
import { words } from './words'

const text = words.archive

/** Runs what changes the archive, reads the lists again and says what happened. */
function useChange() {
  const queries = useQueryClient()
  const change = async (work: Promise<void>, done: string, back?: () => Promise<void>) => {
    try {
      await work
      await queries.invalidateQueries({ queryKey: ['recents'] })
      toast(done, back === undefined ? {} : { action: { label: text.undo, run: () => void change(back(), text.back('')) } })
    } catch (error) {
      const { message, hint } = asApiError(error)
      toast(hint === undefined ? message : `${message}. ${hint}`, { tone: 'bad' })
    }
  }
  return change
}

export function ArchivePage() {
  const { data, isPending, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(recentsQuery('archived'))
  const [doomed, setDoomed] = useState<TaskSummary>()
  const change = useChange()
  const tasks = data?.pages.flat() ?? []
  const bringBack = (task: TaskSummary) =>
    void change(send(task.id, { type: 'mark', data: { type: 'unarchived' } }), text.back(task.title))
  return (
    <Place title={text.title} intro={text.intro}>
      {isPending && <Skeleton lines={5} />}
      {error !== null && data === undefined && (
        <ErrorNote message={words.failed} hint={asApiError(error).hint} onRetry={() => void refetch()} />
      )}
      {data !== undefined && tasks.length === 0 && (
        <Empty icon={Archive} title={text.empty}>
          {text.emptyText}
        </Empty>
      )}
      {tasks.length > 0 && (
        <TaskLines
          tasks={tasks}
          label={text.title}
          actions={(task) => (
            <>
              <IconButton label={`${text.unarchive}: ${task.title}`} icon={ArchiveRestore} onClick={() => bringBack(task)} />
              <IconButton label={`${text.delete} ${task.title}`} icon={Trash2} onClick={() => setDoomed(task)} />
            </>
          )}
        />
      )}
      {hasNextPage && (
        <div>
          <Button size="s" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {words.more}
          </Button>
        </div>
      )}
      <Confirm
        open={doomed !== undefined}
        onOpenChange={() => setDoomed(undefined)}
        title={text.deleteTitle(doomed?.title ?? '')}
        description={text.deleteText}
        action={text.deleteAction}
        danger
        onConfirm={async () => {
          if (doomed !== undefined) await change(removeTask(doomed.id), text.deleted(doomed.title), () => restoreTask(doomed.id))
        }}
      />
    </Place>
  )
}
