// The rows of a conversation, of which only those in sight are in the page. It stays at its end while text streams, until
// the reader scrolls up; nothing in sight moves because something above it changed its height.
import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual'
import { useItems, useTurns, useView, type Item, type TaskStore, type TurnFacts } from '@stream'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useToday } from '@kit'
import { Row } from './row'
import { beginsDay, endsTurn, guessedHeight, lastDoing } from './rows'
import { words } from './words'

/** Pixels from the end within which the reader counts as being at the end. */
const NEAR = 8
/** Room under each row; part of it, so that a row without content takes none. */
const GAP = 16
const ABOVE = 16
/** Room for the line that says what goes on, and air over the message box. */
const BELOW = 72

/** Where the reader was in a task, for coming back to it. */
const places = new Map<string, { offset: number; sizes: VirtualItem[] }>()

export interface ListHandle {
  readonly element: HTMLElement
  scrollTo(index: number): void
  toEnd(): void
}

export interface ListProps {
  store: TaskStore
  onReady: (handle: ListHandle | undefined) => void
  /** Whether the end is in sight, and how much came since it was left. */
  onStanding: (atEnd: boolean, since: number) => void
  tail: React.ReactNode
}

export function List({ store, onReady, onStanding, tail }: ListProps) {
  const { items } = useItems(store)
  const scroller = useRef<HTMLDivElement>(null)
  const before = useState(() => places.get(store.id))[0]
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler runs over this code
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => guessedHeight(items[index]) + GAP,
    getItemKey: (index) => items[index]?.key ?? index,
    paddingStart: ABOVE,
    paddingEnd: BELOW,
    overscan: 4,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR,
    initialRect: { width: 768, height: 900 },
    initialOffset: () => before?.offset ?? items.reduce((sum, item) => sum + guessedHeight(item) + GAP, 0),
    initialMeasurementsCache: before?.sizes ?? [],
    directDomUpdates: true,
    directDomUpdatesMode: 'position',
  })
  useHandle(scroller, virtualizer, onReady)
  useStanding(scroller, items.length, onStanding)
  useEnd(scroller, virtualizer, before === undefined)
  useEffect(() => () => keepPlace(store.id, virtualizer, items.length), [store.id, virtualizer, items.length])
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so it must be reachable by keyboard
    <div ref={scroller} role="log" aria-live="off" aria-label={words.region} tabIndex={0} className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none] -outline-offset-2">
      <div ref={virtualizer.containerRef} className="relative mx-auto w-full max-w-column">
        <Rows store={store} items={items} shown={virtualizer.getVirtualItems()} measure={virtualizer.measureElement} />
        <div className="absolute inset-x-4 bottom-0 flex h-16 items-center md:inset-x-6">{tail}</div>
      </div>
    </div>
  )
}

type Rolls = ReturnType<typeof useVirtualizer<HTMLDivElement, HTMLDivElement>>

function Rows({ store, items, shown, measure }: { store: TaskStore; items: readonly Item[]; shown: readonly VirtualItem[]; measure: (node: HTMLDivElement | null) => void }) {
  const turns = useTurns(store)
  const byTurn = useMemo(() => new Map<number, TurnFacts>(turns.map((turn) => [turn.turn, turn])), [turns])
  const asked = useView(store, (view) => view.approvals[0]?.id)
  const last = lastDoing(items)
  const today = useToday()
  return shown.map(({ index, key }) => {
    const turn = endsTurn(items, index) ? byTurn.get(items[index]?.turn ?? -1) : undefined
    return (
      <div key={key} data-index={index} ref={measure} className="absolute inset-x-0 px-4 md:px-6">
        <Row
          store={store}
          index={index}
          today={beginsDay(items, index, today) ? today : undefined}
          turn={turn?.endedAt === undefined ? undefined : turn}
          last={index >= last}
          asked={asked}
        />
      </div>
    )
  })
}

function useHandle(scroller: React.RefObject<HTMLDivElement | null>, virtualizer: Rolls, onReady: ListProps['onReady']): void {
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    onReady({
      element,
      scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'center' }),
      toEnd: () => virtualizer.scrollToEnd(),
    })
    return () => onReady(undefined)
  }, [scroller, virtualizer, onReady])
}

/** Tells when the reader leaves the end or comes back, and how many rows came in between. */
function useStanding(scroller: React.RefObject<HTMLDivElement | null>, count: number, onStanding: ListProps['onStanding']): void {
  const left = useRef<number>(undefined)
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const look = () => {
      const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR * 4
      if (atEnd) left.current = undefined
      else left.current ??= count
      onStanding(atEnd, left.current === undefined ? 0 : Math.max(count - left.current, 0))
    }
    look()
    element.addEventListener('scroll', look, { passive: true })
    return () => element.removeEventListener('scroll', look)
  }, [scroller, count, onStanding])
}

/** Begins at the end, and stays there when the window or the message box changes its height. */
function useEnd(scroller: React.RefObject<HTMLDivElement | null>, virtualizer: Rolls, beginAtEnd: boolean): void {
  useLayoutEffect(() => {
    if (beginAtEnd) virtualizer.scrollToEnd()
  }, [virtualizer, beginAtEnd])
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    let height = element.clientHeight
    const observer = new ResizeObserver(() => {
      const grown = height - element.clientHeight
      height = element.clientHeight
      if (grown !== 0 && element.scrollHeight - element.scrollTop - element.clientHeight <= Math.abs(grown) + NEAR) virtualizer.scrollToEnd()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller, virtualizer])
}

const PLACES = 30

function keepPlace(task: string, virtualizer: Rolls, count: number): void {
  places.delete(task)
  if (count === 0 || virtualizer.isAtEnd(NEAR * 4) || virtualizer.scrollOffset === null) return
  places.set(task, { offset: virtualizer.scrollOffset, sizes: virtualizer.takeSnapshot() })
  const oldest = places.keys().next().value
  if (places.size > PLACES && oldest !== undefined) places.delete(oldest)
}
