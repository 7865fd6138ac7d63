// A short fact in a pill; removable where it was put there by hand.
import { X, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx'
import { words } from './words'

export type Tone = 'plain' | 'accent' | 'info' | 'warn' | 'bad' | 'ok'

const TONES: Readonly<Record<Tone, string>> = {
  plain: 'border-line bg-panel text-soft',
  accent: 'border-transparent bg-tint text-accent',
  info: 'border-transparent bg-tint text-accent',
  warn: 'border-transparent bg-warn-tint text-warn',
  bad: 'border-transparent bg-bad-tint text-bad',
  ok: 'border-transparent bg-ok-tint text-ok',
}

export interface ChipProps {
  children: ReactNode
  icon?: LucideIcon | undefined
  tone?: Tone | undefined
  onRemove?: (() => void) | undefined
  /** The name of the remove button; say what is removed. */
  removeLabel?: string | undefined
  title?: string | undefined
}

export function Chip({ icon: Icon, children, tone = 'plain', onRemove, removeLabel, title }: ChipProps) {
  return (
    <span
      title={title}
      className={cx('inline-flex h-6 max-w-full min-w-0 items-center gap-1 rounded-full border px-2 text-xs', TONES[tone], onRemove && 'pr-1 pointer-coarse:h-10')}
    >
      {Icon !== undefined && <Icon aria-hidden className="size-3 shrink-0" />}
      <span className="min-w-0 truncate">{children}</span>
      {onRemove !== undefined && (
        <button
          type="button"
          aria-label={removeLabel ?? words.remove(typeof children === 'string' ? children : '').trim()}
          onClick={onRemove}
          className="flex size-4 shrink-0 items-center justify-center rounded-full hover:bg-hover pointer-coarse:size-8"
        >
          <X aria-hidden className="size-3" />
        </button>
      )}
    </span>
  )
}
