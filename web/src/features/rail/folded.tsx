// Text that may be long: its beginning, and the rest on demand.
import { useState, type ReactNode } from 'react'
import { Button, cx } from '@kit'

export interface FoldedProps {
  /** Whether the text is long enough to be folded. */
  long: boolean
  more: string
  less: string
  children: ReactNode
}

export function Folded({ long, more, less, children }: FoldedProps) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <div className={cx('min-w-0 break-words', long && !open && 'relative max-h-40 overflow-hidden mask-b-from-60%')}>{children}</div>
      {long && (
        <Button variant="quiet" size="s" className="-ml-2 self-start" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? less : more}
        </Button>
      )}
    </>
  )
}
