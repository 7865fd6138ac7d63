// Waiting, as a small turning ring; and where text will be, as grey lines.
import { LoaderCircle } from 'lucide-react'
import { cx } from './cx'
import { words } from './words'

/** A turning ring. With a label it is announced; without one it is decoration. */
export function Spinner({ label, className }: { label?: string | undefined; className?: string | undefined }) {
  return (
    <span className={cx('inline-flex items-center gap-2 text-s text-soft', className)} role={label === undefined ? undefined : 'status'}>
      <LoaderCircle aria-hidden className="size-4 animate-spin" />
      {label !== undefined && <span>{label}</span>}
    </span>
  )
}

const WIDTHS = ['w-11/12', 'w-4/5', 'w-full', 'w-3/5', 'w-5/6', 'w-2/3']

/** Grey lines in the place of text that is on its way. */
export function Skeleton({ lines = 3, className }: { lines?: number | undefined; className?: string | undefined }) {
  return (
    <div role="status" aria-label={words.loading} className={cx('flex animate-pulse flex-col gap-3', className)}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} aria-hidden className={cx('h-3 rounded-s bg-line', WIDTHS[line % WIDTHS.length])} />
      ))}
    </div>
  )
}
