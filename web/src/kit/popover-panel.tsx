// The open part of a popover, beside the control that opened it.
import { Popover as Primitive } from 'radix-ui'
import { useRef, type ReactNode, type RefObject } from 'react'
import { cx } from './cx'
import { giveFocusBack } from './focus-return'

export interface PopoverPanelProps {
  label: string
  children: ReactNode
  align: 'start' | 'center' | 'end'
  side: 'top' | 'right' | 'bottom' | 'left'
  control: RefObject<HTMLElement>
  onClose: () => void
  className: string | undefined
}

export function PopoverPanel({ label, children, align, side, control, onClose, className }: PopoverPanelProps) {
  const outside = useRef(false)
  return (
    <Primitive.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Primitive.Anchor virtualRef={control} />
      <Primitive.Portal>
        <Primitive.Content
          aria-label={label}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          onInteractOutside={(event) => {
            if (event.target instanceof Node && control.current.contains(event.target)) event.preventDefault()
            else outside.current = true
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            if (!outside.current) giveFocusBack(control.current)
          }}
          className={cx(
            'z-50 max-h-(--radix-popper-available-height) max-w-(--radix-popper-available-width) animate-fade overflow-y-auto rounded-m border border-line bg-panel p-4 shadow-float',
            className,
          )}
        >
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
