// Where a task stands, as an icon with its word. The icons differ in shape, so that colour is never needed.
import { CircleCheck, CircleDashed, CirclePause, CircleStop, CircleX, Hand, LoaderCircle, type LucideIcon } from 'lucide-react'
import { cx } from './cx'
import { words } from './words'

export type MarkedState = keyof typeof words.states

const MARKS: Readonly<Record<MarkedState, { icon: LucideIcon; className: string }>> = {
  new: { icon: CircleDashed, className: 'text-faint' },
  working: { icon: LoaderCircle, className: 'text-accent animate-spin' },
  needs_you: { icon: Hand, className: 'text-warn' },
  paused: { icon: CirclePause, className: 'text-soft' },
  done: { icon: CircleCheck, className: 'text-ok' },
  stopped: { icon: CircleStop, className: 'text-soft' },
  failed: { icon: CircleX, className: 'text-bad' },
}

const WORD_TONES: Readonly<Record<MarkedState, string>> = {
  new: 'text-soft',
  working: 'text-accent',
  needs_you: 'text-warn',
  paused: 'text-soft',
  done: 'text-soft',
  stopped: 'text-soft',
  failed: 'text-bad',
}

/** The word of a state, such as `Needs you`. */
export function stateWord(state: MarkedState): string {
  return words.states[state]
}

export interface StateMarkProps {
  state: MarkedState
  /** Shows the word beside the icon; otherwise it is only read. */
  word?: boolean | undefined
  className?: string | undefined
}

export function StateMark({ state, word = false, className }: StateMarkProps) {
  const { icon: Icon, className: tone } = MARKS[state]
  return (
    <span className={cx('inline-flex shrink-0 items-center gap-1 text-xs font-medium', WORD_TONES[state], className)} title={word ? undefined : words.states[state]}>
      <Icon aria-hidden className={cx('size-4 shrink-0', tone)} />
      <span className={word ? undefined : 'sr-only'}>{words.states[state]}</span>
    </span>
  )
}
