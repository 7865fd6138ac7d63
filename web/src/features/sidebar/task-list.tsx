// The list itself: only the rows in sight are drawn, arrows move, and one menu serves every row.
import { useNavigate } from '@tanstack/react-router'
import { useEffect, type Ref } from 'react'
import { ContextMenu, ErrorNote, Skeleton } from '@kit'
import { useTaskActions } from './actions'
import { TaskAsks } from './asks'
import type { Row } from './rows'
import { TaskMenu } from './task-menu'
import { TaskRow, type TaskRowProps } from './task-row'
import { useListDeeds, useRowFocus, useRowsInSight } from './use-list'
import { useTasks } from './use-tasks'
import { words } from './words'

/** Rows before the end at which the next page is fetched. */
const AHEAD = 40

export interface TaskListProps {
  activeTask: string | undefined
  onNavigate: (() => void) | undefined
}

interface RowsProps extends Pick<TaskRowProps, 'onOpen' | 'onFocus' | 'onRenamed'> {
  rows: readonly Row[]
  inSight: readonly { index: number; size: number; start: number }[]
  height: number
  list: Ref<HTMLDivElement>
  activeTask: string | undefined
  stop: number
  renaming: string | undefined
}

function Rows({ rows, inSight, height, list, activeTask, stop, renaming, ...deeds }: RowsProps) {
  return (
    <div ref={list} role="list" aria-label={words.recents} className="relative w-full" style={{ height }}>
      {inSight.map(({ index, size, start }) => {
        const row = rows[index]
        if (row === undefined) return null
        return (
          <div
            key={row.key}
            role="listitem"
            data-row={row.key}
            className="absolute inset-x-0 top-0 px-1 py-px contain-layout contain-size contain-style"
            style={{ height: size, transform: `translateY(${start}px)` }}
          >
            {row.kind === 'heading' ? (
              <h2 className="flex h-full items-end px-2 pb-1 text-xs font-semibold text-soft">{row.title}</h2>
            ) : (
              <TaskRow task={row.task} active={row.task.id === activeTask} stop={index === stop} renaming={row.task.id === renaming} {...deeds} />
            )}
          </div>
        )
      })}
    </div>
  )
}

export function TaskList(props: TaskListProps) {
  const tasks = useTasks()
  if (tasks.failed) {
    return (
      <div className="p-2">
        <ErrorNote message={words.failed} onRetry={tasks.retry} />
      </div>
    )
  }
  if (tasks.loading) return <Skeleton lines={6} className="px-2 py-4" />
  if (tasks.rows.length === 0) {
    return (
      <>
        <h2 className="px-2 pt-3 pb-1 text-xs font-semibold text-soft">{words.recents}</h2>
        <p className="px-2 py-1 text-s text-faint">{words.empty}</p>
      </>
    )
  }
  return <LiveList {...props} tasks={tasks} />
}

function LiveList({ activeTask, onNavigate, tasks }: TaskListProps & { tasks: ReturnType<typeof useTasks> }) {
  const { rows, projects, more } = tasks
  const navigate = useNavigate()
  const actions = useTaskActions()
  const { stop, list, focus, setFocused } = useRowFocus(rows, activeTask)
  const { scroller, virtual } = useRowsInSight(rows, stop)
  const scrollTo = (row: number) => virtual.scrollToIndex(row, { align: 'auto' })
  const deeds = useListDeeds({ rows, actions, focus, scrollTo, onNavigate })
  const { chosen, renaming, setRenaming, asking, setAsking, open } = deeds
  const inSight = virtual.getVirtualItems()
  const nearEnd = (inSight.at(-1)?.index ?? 0) >= rows.length - AHEAD
  useEffect(() => {
    if (nearEnd) more()
  })
  return (
    <>
      <ContextMenu
        label={words.menuOf(chosen?.title ?? '')}
        onCloseAutoFocus={(event) => {
          // What the menu opened has the focus now, be it a field or a dialog.
          if (renaming !== undefined || asking !== undefined) event.preventDefault()
        }}
        menu={
          chosen && (
            <TaskMenu
              task={chosen}
              projects={projects}
              actions={actions}
              onOpen={() => open(chosen.id)}
              onRename={() => setRenaming(chosen.id)}
              onNewProject={() => setAsking({ what: 'project', task: chosen })}
              onDelete={() => setAsking({ what: 'delete', task: chosen })}
            />
          )
        }
      >
        {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the keys belong to the links inside */}
        <div ref={scroller} onContextMenuCapture={deeds.choose} onKeyDown={deeds.keys} className="min-h-0 flex-1 overflow-y-auto overscroll-contain contain-strict">
          <Rows
            rows={rows}
            inSight={inSight}
            height={virtual.getTotalSize()}
            list={list}
            activeTask={activeTask}
            stop={stop}
            renaming={renaming}
            onOpen={open}
            onFocus={setFocused}
            onRenamed={deeds.onRenamed}
          />
        </div>
      </ContextMenu>
      <TaskAsks
        asking={asking}
        actions={actions}
        onClose={() => setAsking(undefined)}
        onRemoved={(id) => {
          if (id === activeTask) void navigate({ to: '/' })
        }}
      />
    </>
  )
}
