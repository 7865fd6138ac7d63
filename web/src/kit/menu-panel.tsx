// The open part of a menu. The control that opens it stands elsewhere and is there from the start; here is an unseen
// stand-in at its place, for the panel to be beside.
import { DropdownMenu as Drop } from 'radix-ui'
import { useEffect, useLayoutEffect, useRef, type ReactNode, type RefObject } from 'react'
import { giveFocusBack, rememberMenuOpener } from './focus-return'
import { MenuParts } from './menu'

/** A place on the screen: of a control, or of a click. */
export interface Place {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface MenuPanelProps {
  label: string
  children: ReactNode
  align: 'start' | 'center' | 'end'
  side: 'top' | 'right' | 'bottom' | 'left'
  /** Where the menu belongs to now; asked again when the page moves. */
  place: () => Place
  /** The control, whose own presses do not count as outside. */
  control?: RefObject<HTMLElement | null> | undefined
  /** Gets the focus when the menu closes. */
  returnTo: () => HTMLElement | undefined
  /** Opened by a key: the first item has the focus. */
  byKey: boolean
  onClose: () => void
  onCloseAutoFocus?: ((event: Event) => void) | undefined
}

const PANEL =
  'z-50 min-w-48 max-w-xs animate-fade overflow-y-auto rounded-m border border-line bg-panel p-1 shadow-float max-h-(--radix-popper-available-height)'

/** Keeps the stand-in where the control is. */
function useStandIn(place: () => Place) {
  const standIn = useRef<HTMLSpanElement>(null)
  const latest = useRef(place)
  useLayoutEffect(() => {
    latest.current = place
  })
  useLayoutEffect(() => {
    const move = () => {
      const style = standIn.current?.style
      if (style === undefined) return
      const { left, top, width, height } = latest.current()
      Object.assign(style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` })
    }
    move()
    window.addEventListener('scroll', move, true)
    window.addEventListener('resize', move)
    return () => {
      window.removeEventListener('scroll', move, true)
      window.removeEventListener('resize', move)
    }
  }, [])
  return standIn
}

export function MenuPanel({ label, children, align, side, place, control, returnTo, byKey, onClose, onCloseAutoFocus }: MenuPanelProps) {
  const standIn = useStandIn(place)
  const panel = useRef<HTMLDivElement>(null)
  const outside = useRef(false)
  const back = useRef(returnTo)
  useEffect(() => {
    rememberMenuOpener(back.current())
    if (!byKey) return
    const timer = setTimeout(() => panel.current?.querySelector<HTMLElement>('[role^=menuitem]:not([data-disabled])')?.focus())
    return () => clearTimeout(timer)
  }, [byKey])
  return (
    <Drop.Root modal={false} open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Drop.Trigger asChild>
        <span ref={standIn} aria-hidden tabIndex={-1} className="pointer-events-none fixed opacity-0" />
      </Drop.Trigger>
      <Drop.Portal>
        <Drop.Content
          ref={panel}
          aria-label={label}
          aria-labelledby={undefined}
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          loop
          className={PANEL}
          onInteractOutside={(event) => {
            if (event.target instanceof Node && control?.current?.contains(event.target) === true) event.preventDefault()
            else outside.current = true
          }}
          onCloseAutoFocus={(event) => {
            onCloseAutoFocus?.(event)
            if (event.defaultPrevented) return
            event.preventDefault()
            if (!outside.current) giveFocusBack(back.current())
          }}
        >
          <MenuParts value={Drop}>{children}</MenuParts>
        </Drop.Content>
      </Drop.Portal>
    </Drop.Root>
  )
}
