// The state of a call as icon and word.
import { cx } from '@kit'
import type { CallState } from '@stream'
import { Ban, Check, CircleHelp, CircleStop, Circle, Hand, LoaderCircle, TimerOff, X, type LucideIcon } from 'lucide-react'
import { words } from './words'

const MARKS: Readonly<Record<CallState, { icon: LucideIcon; ink: string; spins?: true }>> = {
  planned: { icon: Circle, ink: 'text-faint' },
  waiting: { icon: Hand, ink: 'text-warn' },
  running: { icon: LoaderCircle, ink: 'text-accent', spins: true },
  ok: { icon: Check, ink: 'text-ok' },
  failed: { icon: X, ink: 'text-bad' },
  denied: { icon: Ban, ink: 'text-warn' },
  stopped: { icon: CircleStop, ink: 'text-soft' },
  timed_out: { icon: TimerOff, ink: 'text-bad' },
  unknown: { icon: CircleHelp, ink: 'text-warn' },
}

/** The icon; its word is only read where `word` is not set. */
export function CallMark({ state, word = false }: { state: CallState; word?: boolean }) {
  const { icon: Icon, ink, spins } = MARKS[state]
  return (
    <span className={cx('inline-flex shrink-0 items-center gap-1 text-xs', ink)}>
      <Icon aria-hidden className={cx('size-4', spins === true && 'animate-spin')} />
      <span className={word ? undefined : 'sr-only'}>{words.calls.states[state]}</span>
    </span>
  )
}
