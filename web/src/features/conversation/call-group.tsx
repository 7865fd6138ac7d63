// Tool calls between two texts: one line in plain words that opens to the single calls. While something runs, the running
// call stands beneath the line.
import { Button, cx } from '@kit'
import type { Call, Item } from '@stream'
import { ChevronRight } from 'lucide-react'
import { useId } from 'react'
import { duration } from '@lib/format'
import { CallMark } from './call-mark'
import { CallRow } from './call-row'
import { doing, groupState, isOpen, onlyAsks, summary, workOf } from './calls'
import { useFoundIn, useKeptFlag } from './session'
import { useNow } from './use-now'
import { words } from './words'

/** Calls shown at once. */
const MOST = 40

export function CallGroup({ item }: { item: Extract<Item, { kind: 'calls' }> }) {
  const [unfolded, setUnfolded] = useKeptFlag(`group.${item.key}`, false)
  const found = useFoundIn(item.key)
  const open = unfolded || found !== undefined
  const id = useId()
  const running = isOpen(item.calls)
  const state = groupState(item.calls)
  const told = summary(item.calls)
  const current = item.calls.filter((call) => call.state === 'running' || call.state === 'waiting')
  const [first, ...others] = current
  // While nothing is done yet, the first running call is the line itself.
  const line = told !== '' ? told : first === undefined ? words.calls.preparing : doing(first)
  if (found === undefined && onlyAsks(item.calls)) return null
  return (
    <div role="group" aria-label={words.calls.label} className="border-l-2 border-line pl-3">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setUnfolded(!open)}
        className="group flex w-full items-center gap-2 rounded-s text-left text-s text-soft hover:text-ink pointer-coarse:min-h-10"
      >
        <CallMark state={state} word={state === 'waiting'} />
        <span className={cx('min-w-0 flex-1', told === '' ? 'truncate' : 'break-words')}>{line}</span>
        <span className="text-xs text-faint tabular-nums">{running ? <Elapsed calls={item.calls} /> : took(item.calls)}</span>
        <ChevronRight aria-hidden className={cx('size-4 shrink-0 text-faint transition-transform group-hover:text-ink', open && 'rotate-90')} />
      </button>
      {running && !open ? <Running calls={told === '' ? others : current} /> : null}
      <div id={id} hidden={!open}>
        {open ? <Calls item={item} found={found} /> : null}
      </div>
    </div>
  )
}

function took(calls: readonly Call[]): string {
  return calls.some((call) => call.startedAt !== undefined && call.ms !== undefined) ? duration(workOf(calls, 0)) : ''
}

function Elapsed({ calls }: { calls: readonly Call[] }) {
  const work = workOf(calls, useNow(true))
  return work < 1000 ? null : duration(Math.floor(work / 1000) * 1000)
}

/** Running calls shown under the line. */
const FEW = 3

/** What runs just now, a line each. */
function Running({ calls }: { calls: readonly Call[] }) {
  if (calls.length === 0) return null
  return (
    <ul className="flex flex-col pt-1">
      {calls.slice(-FEW).map((call) => (
        <li key={call.id} className="flex min-w-0 items-center gap-2 text-s text-soft">
          <CallMark state={call.state} word={call.state === 'waiting'} />
          <span className="min-w-0 truncate">{doing(call)}</span>
        </li>
      ))}
    </ul>
  )
}

function Calls({ item, found }: { item: Extract<Item, { kind: 'calls' }>; found: string | undefined }) {
  const [all, setAll] = useKeptFlag(`all.${item.key}`, false)
  const place = item.calls.findIndex((call) => call.id === found)
  const shown = all || place >= MOST ? item.calls : item.calls.slice(0, MOST)
  return (
    <div className="flex flex-col items-start gap-1 pt-1">
      <ol className="flex w-full flex-col">
        {shown.map((call) => (
          <CallRow key={call.id} call={call} found={call.id === found} />
        ))}
      </ol>
      {shown.length < item.calls.length ? (
        <Button size="s" variant="quiet" onClick={() => setAll(true)}>
          {words.showAll(item.calls.length)}
        </Button>
      ) : null}
    </div>
  )
}
