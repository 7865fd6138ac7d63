// The quiet buttons under the text: each shows what is chosen and opens the choice.
import { ChevronDown } from 'lucide-react'
import { Button, cx } from '@kit'
import type { ButtonProps } from '@kit'

/** A button that opens a choice; passes everything on to the button, so menus and popovers can hang on it. */
export function Pick({ children, className, ...rest }: ButtonProps) {
  return (
    <Button variant="quiet" className={cx('max-w-full min-w-0 px-2', className)} {...rest}>
      <span className="min-w-0 truncate">{children}</span>
      <ChevronDown aria-hidden className="size-3 shrink-0 text-faint" />
    </Button>
  )
}
