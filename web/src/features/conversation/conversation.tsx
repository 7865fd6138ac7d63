// The middle column of a task: everything that was said and done, in the order it happened.
import type { UndoSelection } from '@api'
import { Button, Empty, ErrorNote, Skeleton, Spinner, Told, buttonLook, preloadMarkdown, useHotkey } from '@kit'
import { useConnection, useFailure, useItem, useItems, useView, type TaskStore } from '@stream'
import { Link } from '@tanstack/react-router'
import { ArrowDown, FileQuestion, MessageSquareText } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { isOpen } from './calls'
import type { Hit } from './find'
import { FindBar } from './find-bar'
import { clearMarks, mark } from './find-marks'
import { openFind, useFindAsked } from './find-session'
import { keepOnly } from './half-done'
import { List, type ListHandle } from './list'
import { firstWaiting } from './rows'
import { SessionProvider, useSession } from './session'
import { focusCard, onShowWaiting } from './show-waiting'
import { useAnnouncements } from './use-announcements'
import { words } from './words'

export interface ConversationProps {
  store: TaskStore
  onPreview: (path: string) => void
  onUndo: (selection: UndoSelection) => void
}

export function Conversation({ store, onPreview, onUndo }: ConversationProps) {
  const connection = useConnection(store)
  const start = useView(store, (view) => view.start)
  const doings = useMemo(
    () => ({
      task: store.id,
      start,
      onPreview,
      onUndoTurn: (turn: number) => onUndo({ turn }),
      onRedo: () => onUndo({ redo: true }),
    }),
    [store, start, onPreview, onUndo],
  )
  useEffect(preloadMarkdown, [])
  if (connection === 'loading') return <Loading />
  if (connection === 'failed') return <Gone store={store} />
  return (
    <SessionProvider doings={doings}>
      <Open store={store} />
    </SessionProvider>
  )
}

function Loading() {
  return (
    <div className="min-h-0 flex-1">
      <div className="mx-auto flex w-full max-w-column flex-col gap-8 p-6">
        <Skeleton lines={2} className="ml-auto w-3/5 rounded-l bg-tint p-4" />
        <Skeleton lines={4} />
        <Skeleton lines={3} />
      </div>
    </div>
  )
}

function Gone({ store }: { store: TaskStore }) {
  const failure = useFailure(store)
  return (
    <div className="flex min-h-0 flex-1 items-center justify-center p-6">
      {failure?.reason === 'error' ? (
        <ErrorNote message={failure.message} hint={failure.hint} onRetry={() => store.retry()} />
      ) : (
        <Empty
          icon={FileQuestion}
          title={words.gone.title}
          action={<Link to="/" className={buttonLook('primary')}>{words.gone.home}</Link>}
        >
          <Told text={failure?.hint ?? failure?.message ?? ''} />
        </Empty>
      )}
    </div>
  )
}

function Open({ store }: { store: TaskStore }) {
  const { items } = useItems(store)
  const list = useRef<ListHandle>(undefined)
  const [standing, setStanding] = useState({ atEnd: true, since: 0 })
  const onReady = useCallback((handle: ListHandle | undefined) => {
    list.current = handle
  }, [])
  const onStanding = useCallback((atEnd: boolean, since: number) => {
    setStanding((known) => (known.atEnd === atEnd && known.since === since ? known : { atEnd, since }))
  }, [])
  useAnnouncements(store, true)
  useHotkey('Mod+F', () => openFind(store.id))
  useSettled(store)
  useEffect(
    () =>
      onShowWaiting(store.id, () => {
        const index = firstWaiting(store.items.items)
        if (index < 0 || list.current === undefined) return
        list.current.scrollTo(index)
        focusCard(list.current.element, index)
      }),
    [store],
  )
  return (
    <div className="relative min-h-0 flex-1">
      <Found store={store} list={list} />
      {items.length === 0 ? (
        <Empty icon={MessageSquareText} title={words.empty} />
      ) : (
        <List store={store} onReady={onReady} onStanding={onStanding} tail={<Tail store={store} />} />
      )}
      {standing.atEnd || items.length === 0 ? null : <Jump since={standing.since} onJump={() => list.current?.toEnd()} />}
    </div>
  )
}

/** What was half written into a card goes when the card is answered, here or elsewhere. */
function useSettled(store: TaskStore): void {
  const approvals = useView(store, (view) => view.approvals)
  const questions = useView(store, (view) => view.questions)
  useEffect(() => {
    keepOnly(store.id, [...approvals.map(({ id }) => id), ...questions.map(([id]) => id)])
  }, [store, approvals, questions])
}

function Jump({ since, onJump }: { since: number; onJump: () => void }) {
  return (
    <div className="pointer-events-none absolute inset-x-0 bottom-4 flex justify-center">
      <Button icon={ArrowDown} className="pointer-events-auto animate-rise shadow-float" onClick={onJump}>
        {words.jump}
        {since === 0 ? null : <span className="text-accent">· {words.jumpNew(since)}</span>}
      </Button>
    </div>
  )
}

/** Says that work goes on while nothing else on the screen says so. */
function Tail({ store }: { store: TaskStore }) {
  const state = useView(store, (view) => view.state)
  const connection = useConnection(store)
  const { items } = useItems(store)
  const last = useItem(store, items.length - 1)
  const told = (last?.kind === 'calls' && isOpen(last.calls)) || (last?.kind === 'text' && last.streaming)
  if (state !== 'working' || connection !== 'live' || told) return null
  return <Spinner label={words.working} />
}

function Found({ store, list }: { store: TaskStore; list: React.RefObject<ListHandle | undefined> }) {
  const asked = useFindAsked(store.id)
  const { memory } = useSession()
  const giveUp = useRef<() => void>(undefined)
  const onHit = useCallback(
    (hit: Hit | undefined, query: string) => {
      giveUp.current?.()
      giveUp.current = undefined
      memory.point(hit)
      if (hit === undefined || list.current === undefined) {
        clearMarks()
        return
      }
      list.current.scrollTo(hit.index)
      giveUp.current = mark(list.current.element, query, hit)
    },
    [list, memory],
  )
  return asked === undefined ? null : <FindBar store={store} asked={asked} onHit={onHit} />
}
