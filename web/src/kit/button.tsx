// Buttons, and links that look like them. One height per size, one look per weight of the action.
import type { LucideIcon } from 'lucide-react'
import { LoaderCircle } from 'lucide-react'
import type { ComponentPropsWithRef } from 'react'
import { cx } from './cx'
import { Tooltip } from './tooltip'

export type ButtonVariant = 'primary' | 'outline' | 'quiet' | 'danger'
export type ButtonSize = 's' | 'm'

interface Look {
  variant?: ButtonVariant | undefined
  size?: ButtonSize | undefined
  icon?: LucideIcon | undefined
}

export interface ButtonProps extends ComponentPropsWithRef<'button'>, Look {
  /** The action is under way: a ring turns, further presses do nothing. */
  busy?: boolean | undefined
}

const VARIANTS: Readonly<Record<ButtonVariant, string>> = {
  primary: 'bg-primary text-on-primary font-medium hover:bg-primary-hover border border-transparent',
  outline: 'bg-panel text-ink border border-line hover:bg-hover',
  quiet: 'text-soft border border-transparent hover:bg-hover hover:text-ink',
  danger: 'bg-danger text-on-danger font-medium hover:bg-danger-hover border border-transparent',
}

const SIZES: Readonly<Record<ButtonSize, string>> = {
  s: 'h-7 px-2 gap-1 text-s pointer-coarse:h-10 pointer-coarse:px-3',
  m: 'h-9 px-3 gap-2 text-s pointer-coarse:h-10',
}

function look(variant: ButtonVariant, size: ButtonSize): string {
  return cx(
    'inline-flex shrink-0 select-none items-center justify-center rounded-m whitespace-nowrap transition-colors duration-100',
    'disabled:opacity-55 disabled:pointer-events-none aria-disabled:opacity-55',
    VARIANTS[variant],
    SIZES[size],
  )
}

export function Button({ variant = 'outline', size = 'm', icon: Icon, busy = false, className, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={cx(look(variant, size), className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {busy ? <LoaderCircle aria-hidden className="size-4 animate-spin" /> : Icon && <Icon aria-hidden className="size-4 shrink-0" />}
      {children}
    </button>
  )
}

export interface LinkButtonProps extends ComponentPropsWithRef<'a'>, Look {}

/** An `<a>` that looks like a button; for addresses and downloads. */
export function LinkButton({ variant = 'outline', size = 'm', icon: Icon, className, children, ...rest }: LinkButtonProps) {
  return (
    <a className={cx(look(variant, size), className)} {...rest}>
      {Icon && <Icon aria-hidden className="size-4 shrink-0" />}
      {children}
    </a>
  )
}

/** The classes of a button, for links of the router. */
export function buttonLook(variant: ButtonVariant = 'outline', size: ButtonSize = 'm'): string {
  return look(variant, size)
}

export interface IconButtonProps extends Omit<ComponentPropsWithRef<'button'>, 'children' | 'aria-label'> {
  /** The name, for screen readers and the tooltip. */
  label: string
  icon: LucideIcon
  size?: ButtonSize | undefined
  variant?: 'quiet' | 'outline' | undefined
  /** Shows the label as a tooltip; on unless switched off. */
  tip?: boolean | undefined
  /** Written after the label in the tooltip, such as `Ctrl B`. */
  shortcut?: string | undefined
}

export function IconButton({ label, icon: Icon, size = 'm', variant = 'quiet', tip = true, shortcut, className, ...rest }: IconButtonProps) {
  const square = size === 's' ? 'size-7' : 'size-9'
  const button = (
    <button
      type="button"
      aria-label={label}
      className={cx(
        'inline-flex shrink-0 items-center justify-center rounded-m transition-colors duration-100 pointer-coarse:size-10',
        'disabled:opacity-55 disabled:pointer-events-none',
        VARIANTS[variant],
        square,
        className,
      )}
      {...rest}
    >
      <Icon aria-hidden className="size-4" />
    </button>
  )
  return tip ? <Tooltip text={label} shortcut={shortcut}>{button}</Tooltip> : button
}
