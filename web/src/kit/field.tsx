// Text fields with their label, hint and error tied together.
import { ChevronDown, CircleAlert } from 'lucide-react'
import { useId, type ComponentPropsWithRef, type ReactNode } from 'react'
import { cx } from './cx'

interface Labelled {
  label: string
  hint?: ReactNode
  error?: ReactNode
  /** The label is read, not shown. */
  hideLabel?: boolean | undefined
}

const BOX =
  'w-full rounded-m border bg-panel px-3 text-m text-ink transition-colors placeholder:text-faint focus-visible:outline-offset-0 disabled:opacity-55 pointer-coarse:text-l'

interface FrameProps extends Labelled {
  id: string
  children: ReactNode
}

function Frame({ id, label, hint, error, hideLabel = false, children }: FrameProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-s font-medium'}>
        {label}
      </label>
      {children}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-s text-soft">
          {hint}
        </p>
      )}
      {error !== undefined && error !== null && (
        <p id={`${id}-error`} className="flex items-start gap-2 text-s text-bad">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span>{error}</span>
        </p>
      )}
    </div>
  )
}

function described(id: string, hint: ReactNode, error: ReactNode): string | undefined {
  const parts = [hint === undefined ? '' : `${id}-hint`, error === undefined || error === null ? '' : `${id}-error`]
  return parts.join(' ').trim() || undefined
}

export interface TextFieldProps extends Omit<ComponentPropsWithRef<'input'>, 'children'>, Labelled {}

export function TextField({ label, hint, error, hideLabel, className, id: given, ...rest }: TextFieldProps) {
  const made = useId()
  const id = given ?? made
  const wrong = error !== undefined && error !== null
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <input
        id={id}
        aria-describedby={described(id, hint, error)}
        aria-invalid={wrong || undefined}
        className={cx(BOX, 'h-9 pointer-coarse:h-10', wrong ? 'border-bad' : 'border-edge', className)}
        {...rest}
      />
    </Frame>
  )
}

export interface TextAreaProps extends Omit<ComponentPropsWithRef<'textarea'>, 'children'>, Labelled {}

export function TextArea({ label, hint, error, hideLabel, className, id: given, ...rest }: TextAreaProps) {
  const made = useId()
  const id = given ?? made
  const wrong = error !== undefined && error !== null
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <textarea
        id={id}
        rows={4}
        aria-describedby={described(id, hint, error)}
        aria-invalid={wrong || undefined}
        className={cx(BOX, 'resize-y py-2', wrong ? 'border-bad' : 'border-edge', className)}
        {...rest}
      />
    </Frame>
  )
}

export interface ChoiceProps extends Omit<ComponentPropsWithRef<'select'>, 'children' | 'onChange' | 'value'>, Labelled {
  value: string
  onValueChange: (value: string) => void
  options: readonly { value: string; label: string; disabled?: boolean | undefined }[]
}

/** One of several, as the platform's own list. */
export function Choice({ label, hint, error, hideLabel, className, id: given, value, onValueChange, options, ...rest }: ChoiceProps) {
  const made = useId()
  const id = given ?? made
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <div className="relative">
        <select
          id={id}
          value={value}
          onChange={(event) => onValueChange(event.target.value)}
          aria-describedby={described(id, hint, error)}
          className={cx(BOX, 'h-9 appearance-none border-edge pr-9 pointer-coarse:h-10', className)}
          {...rest}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown aria-hidden className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-soft" />
      </div>
    </Frame>
  )
}
