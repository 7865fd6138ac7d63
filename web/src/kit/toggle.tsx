// On or off: a switch that acts at once, a box that is ticked. The browser's own inputs, drawn anew.
import { Check } from 'lucide-react'
import { useId, type ReactNode } from 'react'

export interface SwitchProps {
  label: string
  hint?: ReactNode
  checked: boolean
  onCheckedChange: (checked: boolean) => void
  disabled?: boolean | undefined
}

export function Switch({ label, hint, checked, onCheckedChange, disabled = false }: SwitchProps) {
  const id = useId()
  return (
    <div className="flex items-start gap-3">
      <div className="min-w-0 flex-1">
        <label htmlFor={id} className="text-m font-medium">
          {label}
        </label>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="text-s text-soft">
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={checked}
        aria-checked={checked}
        disabled={disabled}
        onChange={(event) => onCheckedChange(event.target.checked)}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
        className="relative h-6 w-10 shrink-0 cursor-pointer appearance-none rounded-full border border-edge bg-side transition-colors before:absolute before:top-1/2 before:left-1 before:size-4 before:-translate-y-1/2 before:rounded-full before:bg-edge before:transition-transform checked:border-primary checked:bg-primary checked:before:translate-x-3.5 checked:before:bg-on-primary disabled:opacity-55"
      />
    </div>
  )
}

export interface CheckboxProps {
  label: ReactNode
  description?: ReactNode
  checked: boolean
  onCheckedChange: (checked: boolean) => void
  disabled?: boolean | undefined
}

export function Checkbox({ label, description, checked, onCheckedChange, disabled = false }: CheckboxProps) {
  const id = useId()
  return (
    <div className="flex items-start gap-3 py-1">
      <span className="relative mt-1 flex size-4 shrink-0 items-center justify-center">
        <input
          id={id}
          type="checkbox"
          checked={checked}
          disabled={disabled}
          onChange={(event) => onCheckedChange(event.target.checked)}
          {...(description === undefined ? {} : { 'aria-describedby': `${id}-text` })}
          className="size-4 cursor-pointer appearance-none rounded-sm border border-edge bg-panel checked:border-primary checked:bg-primary disabled:opacity-55"
        />
        {checked && <Check aria-hidden className="pointer-events-none absolute size-3 text-on-primary" strokeWidth={3} />}
      </span>
      <div className="min-w-0">
        <label htmlFor={id} className="text-m">
          {label}
        </label>
        {description !== undefined && (
          <p id={`${id}-text`} className="text-s text-soft">
            {description}
          </p>
        )}
      </div>
    </div>
  )
}
