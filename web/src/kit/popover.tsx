// A small panel beside the control that opened it; fetched when the control is first pointed at or focused.
import { Slot } from 'radix-ui'
import { useCallback, useRef, type MouseEvent, type ReactElement, type ReactNode, type RefObject } from 'react'
import { useOpen } from './menu'
import { ahead, part, usePart } from './part'

export const popoverPanel = part(() => import('./popover-panel'))

export interface PopoverProps {
  trigger: ReactElement
  label: string
  children: ReactNode
  align?: 'start' | 'center' | 'end' | undefined
  side?: 'top' | 'right' | 'bottom' | 'left' | undefined
  open?: boolean | undefined
  onOpenChange?: ((open: boolean) => void) | undefined
  /** Extra classes of the panel, such as its width. */
  className?: string | undefined
}

export function Popover({ trigger, label, children, align = 'start', side = 'bottom', open: given, onOpenChange, className }: PopoverProps) {
  const [open, setOpen] = useOpen(given, onOpenChange)
  const control = useRef<HTMLElement>(document.body)
  const close = useCallback(() => setOpen(false), [setOpen])
  const panel = usePart(popoverPanel, open, close)
  const press = (event: MouseEvent) => {
    if (!event.defaultPrevented) setOpen(!open)
  }
  const hold = useCallback((element: HTMLElement | null) => {
    if (element !== null) control.current = element
  }, [])
  const known: RefObject<HTMLElement> = control
  return (
    <>
      <Slot.Root
        ref={hold}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-state={open ? 'open' : 'closed'}
        onClick={press}
        onPointerEnter={() => ahead(popoverPanel)}
        onFocus={() => ahead(popoverPanel)}
      >
        {trigger}
      </Slot.Root>
      {panel !== undefined && (
        <panel.PopoverPanel label={label} align={align} side={side} control={known} onClose={close} className={className}>
          {children}
        </panel.PopoverPanel>
      )}
    </>
  )
}
