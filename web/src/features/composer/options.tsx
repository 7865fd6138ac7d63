// A list of choices that is walked through while the focus stays in a text field: slash commands, folders, models.
import { useEffect } from 'react'
import type { ReactNode } from 'react'
import { cx } from '@kit'

export interface OptionListProps {
  readonly id: string
  readonly label: string
  /** The id of the marked option, kept in sight. */
  readonly marked: string | undefined
  readonly children: ReactNode
  readonly className?: string | undefined
}

/** The list itself. The field that owns it names the marked option by `aria-activedescendant`. */
export function OptionList({ id, label, marked, children, className }: OptionListProps) {
  useEffect(() => {
    if (marked !== undefined) document.getElementById(marked)?.scrollIntoView({ block: 'nearest' })
  }, [marked])
  return (
    <div role="listbox" id={id} aria-label={label} className={className}>
      {children}
    </div>
  )
}

export interface OptionProps {
  readonly id: string
  readonly marked: boolean
  /** Whether it is the one chosen before; where nothing is chosen before, the marked one counts. */
  readonly chosen?: boolean | undefined
  readonly disabled?: boolean | undefined
  readonly onPick: () => void
  readonly onMark?: (() => void) | undefined
  readonly children: ReactNode
}

/** One choice. It is clicked or picked by the field's keys, and never takes the focus. */
export function Option({ id, marked, chosen = marked, disabled = false, onPick, onMark, children }: OptionProps) {
  return (
    <button
      type="button"
      role="option"
      id={id}
      tabIndex={-1}
      aria-selected={chosen}
      aria-disabled={disabled || undefined}
      onPointerDown={(event) => event.preventDefault()}
      onPointerMove={marked || disabled ? undefined : onMark}
      onClick={disabled ? undefined : onPick}
      className={cx(
        'flex min-h-8 w-full min-w-0 items-center gap-2 rounded-s px-2 py-1 text-left text-s aria-disabled:text-faint pointer-coarse:min-h-10',
        marked && 'bg-hover',
      )}
    >
      {children}
    </button>
  )
}
