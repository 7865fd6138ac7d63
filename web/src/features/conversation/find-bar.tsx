// Find in the task: looks through everything the conversation holds, also what is folded or far away.
import { IconButton } from '@kit'
import { useItems, useView, type TaskStore } from '@stream'
import { ChevronDown, ChevronUp, Search, X } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import './find.css'
import { MOST_HITS, find, type Hit } from './find'
import { clearMarks } from './find-marks'
import { closeFind } from './find-session'
import { words } from './words'

export interface FindBarProps {
  store: TaskStore
  /** Grows each time Find is asked for: the focus comes back. */
  asked: number
  /** Shows a hit. */
  onHit: (hit: Hit | undefined, query: string) => void
}

export function FindBar({ store, asked, onHit }: FindBarProps) {
  const [query, setQuery] = useState('')
  const [place, setPlace] = useState(0)
  const hits = useHits(store, query)
  const current = hits.length === 0 ? undefined : hits[Math.min(place, hits.length - 1)]
  const field = useField(asked)
  useEffect(() => onHit(current, query), [current, query, onHit])
  useEffect(() => () => onHit(undefined, ''), [onHit])
  useEffect(() => clearMarks, [])

  const step = (by: number) => {
    if (hits.length > 0) setPlace((Math.min(place, hits.length - 1) + by + hits.length) % hits.length)
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter') step(event.shiftKey ? -1 : 1)
    else if (event.key === 'Escape') closeFind(store.id)
    else return
    event.preventDefault()
  }
  return (
    <search aria-label={words.find.label} className="absolute top-2 right-4 z-10 flex max-w-full items-center gap-1 rounded-m border border-line bg-panel p-1 pl-3 shadow-float">
      <Search aria-hidden className="size-4 shrink-0 text-faint" />
      <input
        ref={field}
        type="text"
        aria-label={words.find.placeholder}
        placeholder={words.find.placeholder}
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value)
          setPlace(0)
        }}
        onKeyDown={keys}
        className="h-9 w-48 min-w-0 bg-transparent text-s outline-none pointer-coarse:h-10"
      />
      <span role="status" className="min-w-16 text-right text-xs text-soft tabular-nums">{standing(query, hits, place)}</span>
      <IconButton size="s" icon={ChevronUp} label={words.find.previous} disabled={hits.length === 0} onClick={() => step(-1)} />
      <IconButton size="s" icon={ChevronDown} label={words.find.next} disabled={hits.length === 0} onClick={() => step(1)} />
      <IconButton size="s" icon={X} label={words.find.close} onClick={() => closeFind(store.id)} />
    </search>
  )
}

function standing(query: string, hits: readonly Hit[], place: number): string {
  if (query.trim() === '') return ''
  if (hits.length === 0) return words.find.none
  const shown = Math.min(place, hits.length - 1) + 1
  return hits.length < MOST_HITS ? words.find.of(shown, hits.length) : `${shown} / ${words.find.tooMany(MOST_HITS)}`
}

/** Looked for again when something comes or the task changes its state, not with every letter that streams. */
function useHits(store: TaskStore, query: string): readonly Hit[] {
  const items = useItems(store)
  const state = useView(store, (view) => view.state)
  const wanted = useDeferredValue(query)
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the items change in place; the state says when they are settled
  return useMemo(() => find(items.items, wanted), [items, wanted, state])
}

/** The field has the focus when Find is asked for; afterwards it goes back to where it was. */
function useField(asked: number) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const before = document.activeElement
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [])
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [asked])
  return field
}
