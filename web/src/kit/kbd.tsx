// Keys, as they are written on a keyboard.
import type { ReactNode } from 'react'
import { cx } from './cx'

export function Kbd({ children, inverse = false }: { children: ReactNode; /** On a dark ground. */ inverse?: boolean | undefined }) {
  return (
    <kbd className={cx('font-mono text-xs whitespace-nowrap', inverse ? 'text-bg opacity-75' : 'text-faint')}>{children}</kbd>
  )
}
