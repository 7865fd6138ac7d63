// A small switch between two ways of looking at the same file.
import { cx } from '@kit'

export interface ViewSwitchProps<V extends string> {
  label: string
  value: V
  onChange: (value: V) => void
  options: readonly { value: V; label: string }[]
}

export function ViewSwitch<V extends string>({ label, value, onChange, options }: ViewSwitchProps<V>) {
  return (
    <div role="group" aria-label={label} className="inline-flex shrink-0 rounded-m bg-side p-1">
      {options.map((option) => {
        const on = option.value === value
        return (
          <button
            key={option.value}
            type="button"
            aria-pressed={on}
            onClick={() => onChange(option.value)}
            className={cx('rounded-s px-2 text-s pointer-coarse:min-h-10 pointer-coarse:px-3', on ? 'bg-panel font-medium text-ink' : 'text-soft hover:text-ink')}
          >
            {option.label}
          </button>
        )
      })}
    </div>
  )
}
