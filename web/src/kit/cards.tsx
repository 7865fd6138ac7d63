// Choices that need a sentence each: cards to pick one of, or several. Native inputs underneath, so arrows and Space work.
import { Check } from 'lucide-react'
import { useId, type ReactNode } from 'react'
import { cx } from './cx'

export interface CardOption<V extends string = string> {
  value: V
  label: ReactNode
  description?: ReactNode
  disabled?: boolean | undefined
}

const CARD =
  'relative flex cursor-pointer items-start gap-3 rounded-m border px-3 py-2 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent has-disabled:cursor-default has-disabled:opacity-55'

function CardText({ label, description, id }: { label: ReactNode; description: ReactNode; id: string }) {
  return (
    <span className="min-w-0 flex-1">
      <span className="block text-m font-medium">{label}</span>
      {description !== undefined && description !== '' && (
        <span id={id} className="block text-s text-soft">
          {description}
        </span>
      )}
    </span>
  )
}

export interface RadioCardsProps<V extends string> {
  label: string
  /** The value picked, or none yet. */
  value: V | undefined
  onValueChange: (value: V) => void
  options: readonly CardOption<V>[]
  showLabel?: boolean | undefined
}

export function RadioCards<V extends string>({ label, value, onValueChange, options, showLabel = false }: RadioCardsProps<V>) {
  const name = useId()
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className={showLabel ? 'pb-2 text-s font-medium' : 'sr-only'}>{label}</legend>
      {options.map((option, place) => {
        const on = option.value === value
        const id = `${name}-${place}`
        return (
          <label key={option.value} className={cx(CARD, on ? 'border-accent bg-tint' : 'border-line bg-panel hover:bg-hover')}>
            <input
              type="radio"
              name={name}
              className="peer sr-only"
              checked={on}
              disabled={option.disabled}
              onChange={() => onValueChange(option.value)}
              aria-describedby={option.description === undefined ? undefined : id}
            />
            <span aria-hidden className={cx('mt-1 flex size-4 shrink-0 rounded-full border bg-panel', on ? 'border-4 border-accent' : 'border-edge')} />
            <CardText label={option.label} description={option.description} id={id} />
          </label>
        )
      })}
    </fieldset>
  )
}

export interface CheckCardsProps<V extends string> {
  label: string
  values: readonly V[]
  onValuesChange: (values: V[]) => void
  options: readonly CardOption<V>[]
  showLabel?: boolean | undefined
}

export function CheckCards<V extends string>({ label, values, onValuesChange, options, showLabel = false }: CheckCardsProps<V>) {
  const name = useId()
  const toggle = (value: V) =>
    onValuesChange(values.includes(value) ? values.filter((other) => other !== value) : [...values, value])
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className={showLabel ? 'pb-2 text-s font-medium' : 'sr-only'}>{label}</legend>
      {options.map((option, place) => {
        const on = values.includes(option.value)
        const id = `${name}-${place}`
        return (
          <label key={option.value} className={cx(CARD, on ? 'border-accent bg-tint' : 'border-line bg-panel hover:bg-hover')}>
            <input
              type="checkbox"
              className="peer sr-only"
              checked={on}
              disabled={option.disabled}
              onChange={() => toggle(option.value)}
              aria-describedby={option.description === undefined ? undefined : id}
            />
            <span
              aria-hidden
              className={cx('mt-1 flex size-4 shrink-0 items-center justify-center rounded-sm border', on ? 'border-primary bg-primary' : 'border-edge bg-panel')}
            >
              {on && <Check className="size-3 text-on-primary" strokeWidth={3} />}
            </span>
            <CardText label={option.label} description={option.description} id={id} />
          </label>
        )
      })}
    </fieldset>
  )
}
