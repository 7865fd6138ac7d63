// How much of something is there, as a thin bar with a name.
import { cx } from './cx'

export interface MeterProps {
  /** From 0 to 1. */
  value: number
  label: string
  tone?: 'accent' | 'warn' | 'bad' | undefined
}

const TONES = { accent: 'bg-accent', warn: 'bg-warn', bad: 'bg-bad' }

export function Meter({ value, label, tone = 'accent' }: MeterProps) {
  const share = Math.min(Math.max(Number.isFinite(value) ? value : 0, 0), 1)
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      className="h-1 overflow-hidden rounded-full bg-line"
    >
      <div className={cx('h-full rounded-full transition-[width] duration-300', TONES[tone])} style={{ width: `${share * 100}%` }} />
    </div>
  )
}
