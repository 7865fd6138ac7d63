// How the list behaves: which rows are drawn, where the focus is, what keys and clicks do.
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import type { TaskSummary } from '@api'
import { COARSE, useMedia } from '@kit'
import type { TaskActions } from './actions'
import type { Asking } from './asks'
import { moved, rowOf, type Row } from './rows'

/** The task an event is about. */
function taskAt(target: EventTarget | null, rows: readonly Row[]): TaskSummary | undefined {
  const id = target instanceof Element ? target.closest('[data-row]')?.getAttribute('data-row') : undefined
  const row = rows[rowOf(rows, id ?? undefined)]
  return row?.kind === 'task' ? row.task : undefined
}

/** The one row that Tab reaches, and moving the focus to a row that may not be drawn yet. */
export function useRowFocus(rows: readonly Row[], activeTask: string | undefined) {
  const [focused, setFocused] = useState<string>()
  const wanted = useRef<string | undefined>(undefined)
  const list = useRef<HTMLDivElement>(null)
  const known = rowOf(rows, focused)
  const active = rowOf(rows, activeTask)
  const stop = known >= 0 ? known : active >= 0 ? active : (moved(rows, -1, 'Home') ?? -1)
  useEffect(() => {
    if (wanted.current === undefined) return
    const link = list.current?.querySelector<HTMLElement>(`a[data-task="${CSS.escape(wanted.current)}"]`)
    if (link == null) return
    wanted.current = undefined
    link.focus()
  })
  const focus = useCallback((id: string) => {
    wanted.current = id
    setFocused(id)
  }, [])
  return { stop, list, focus, setFocused }
}

const HEIGHTS = { fine: { heading: 36, task: 34 }, coarse: { heading: 40, task: 44 } }

/** Draws the rows in sight, and always the one that Tab reaches. */
export function useRowsInSight(rows: readonly Row[], stop: number) {
  const scroller = useRef<HTMLDivElement>(null)
  const heights = HEIGHTS[useMedia(COARSE) ? 'coarse' : 'fine']
  // Kept while the rows are: another function would have every row measured again at each scroll.
  const keyOf = useCallback((index: number) => rows[index]?.key ?? index, [rows])
  // eslint-disable-next-line react-hooks/incompatible-library -- it changes in place by design; nothing of it is memoised
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heights[rows[index]?.kind ?? 'task'],
    getItemKey: keyOf,
    overscan: 12,
    rangeExtractor: (range: Range) => {
      const drawn = defaultRangeExtractor(range)
      return stop < 0 || stop >= range.count || drawn.includes(stop) ? drawn : [...drawn, stop].sort((a, b) => a - b)
    },
  })
  useEffect(() => virtual.measure(), [virtual, heights])
  return { scroller, virtual }
}

/** Opens the menu of the focused row at its place. */
function menuByKey(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement)) return
  const box = target.getBoundingClientRect()
  target.dispatchEvent(
    new window.MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX: box.left + 24, clientY: box.bottom }),
  )
}

export interface ListDeeds {
  rows: readonly Row[]
  actions: TaskActions
  focus: (id: string) => void
  scrollTo: (row: number) => void
  onNavigate: (() => void) | undefined
}

/** What keys and clicks do, and what is being renamed or asked. */
export function useListDeeds({ rows, actions, focus, scrollTo, onNavigate }: ListDeeds) {
  const navigate = useNavigate()
  const [chosen, setChosen] = useState<TaskSummary>()
  const [renaming, setRenaming] = useState<string>()
  const [asking, setAsking] = useState<Asking>()
  const open = useCallback(
    (id: string) => {
      onNavigate?.()
      void navigate({ to: '/tasks/$task', params: { task: id } })
    },
    [navigate, onNavigate],
  )
  const onRenamed = useCallback(
    (id: string, title: string | undefined) => {
      setRenaming(undefined)
      focus(id)
      const row = rows[rowOf(rows, id)]
      const kept = title?.trim()
      if (row?.kind === 'task' && kept !== undefined && kept !== '' && kept !== row.task.title) actions.rename(row.task, kept)
    },
    [actions, focus, rows],
  )
  const keys = (event: KeyboardEvent) => {
    const task = taskAt(event.target, rows)
    if (task === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const to = event.shiftKey ? undefined : moved(rows, rowOf(rows, task.id), event.key)
    const row = to === undefined ? undefined : rows[to]
    if (to !== undefined && row?.kind === 'task') {
      scrollTo(to)
      focus(row.task.id)
    } else if (event.key === 'F2') setRenaming(task.id)
    else if (event.key === 'Delete') setAsking({ what: 'delete', task })
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) menuByKey(event.target)
    else return
    event.preventDefault()
  }
  const choose = (event: MouseEvent) => {
    const task = taskAt(event.target, rows)
    if (task === undefined) event.preventDefault()
    else setChosen(task)
  }
  return { chosen, renaming, setRenaming, asking, setAsking, open, onRenamed, keys, choose }
}
