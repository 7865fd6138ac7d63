// Menus: from a button, and over an area by right click, long press, Shift+F10 or the menu key. The same items work in
// both. The panel comes when it is first needed; pointing at the button is enough to fetch it.
import { Check, ChevronRight, type LucideIcon } from 'lucide-react'
import { Slot, type DropdownMenu } from 'radix-ui'
import { createContext, useCallback, useContext, useEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type PointerEvent, type ReactElement, type ReactNode } from 'react'
import { cx } from './cx'
import { opener } from './focus-return'
import { Kbd } from './kbd'
import type { Place } from './menu-panel'
import { ahead, part, usePart } from './part'

/** The primitives items are made of; there once the panel is. */
export const MenuParts = createContext<typeof DropdownMenu | undefined>(undefined)

export const menuPanel = part(() => import('./menu-panel'))

const ITEM =
  'flex min-h-8 cursor-default select-none items-center gap-2 rounded-s px-2 py-1 text-s outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-55 pointer-coarse:min-h-10'
const SUB_PANEL =
  'z-50 min-w-48 max-w-xs animate-fade overflow-y-auto rounded-m border border-line bg-panel p-1 shadow-float max-h-(--radix-popper-available-height)'

export interface MenuProps {
  /** The button; takes a ref and the usual button props. */
  trigger: ReactElement
  label: string
  children: ReactNode
  align?: 'start' | 'center' | 'end' | undefined
  side?: 'top' | 'right' | 'bottom' | 'left' | undefined
  open?: boolean | undefined
  onOpenChange?: ((open: boolean) => void) | undefined
  /** Called before the focus goes back; `preventDefault` leaves it where it is. */
  onCloseAutoFocus?: ((event: Event) => void) | undefined
}

/** Whether something is open: as the owner says, or by itself. */
export function useOpen(given: boolean | undefined, tell: ((open: boolean) => void) | undefined) {
  const [own, setOwn] = useState(false)
  const set = useCallback(
    (open: boolean) => {
      setOwn(open)
      tell?.(open)
    },
    [tell],
  )
  return [given ?? own, set] as const
}

export function Menu({ trigger, label, children, align = 'start', side = 'bottom', open: given, onOpenChange, onCloseAutoFocus }: MenuProps) {
  const [open, setOpen] = useOpen(given, onOpenChange)
  const [byKey, setByKey] = useState(false)
  const control = useRef<HTMLElement>(null)
  const close = useCallback(() => setOpen(false), [setOpen])
  const panel = usePart(menuPanel, open, close)
  const place = useCallback((): Place => control.current?.getBoundingClientRect() ?? { left: 0, top: 0, width: 0, height: 0 }, [])
  const returnTo = useCallback(() => control.current ?? undefined, [])
  const press = (event: MouseEvent) => {
    if (event.defaultPrevented) return
    // A click without a pointer is a key.
    setByKey(event.detail === 0)
    setOpen(!open)
  }
  const down = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' || event.defaultPrevented) return
    event.preventDefault()
    setByKey(true)
    setOpen(true)
  }
  return (
    <>
      <Slot.Root
        ref={control}
        aria-haspopup="menu"
        aria-expanded={open}
        data-state={open ? 'open' : 'closed'}
        onClick={press}
        onKeyDown={down}
        onPointerEnter={() => ahead(menuPanel)}
        onFocus={() => ahead(menuPanel)}
      >
        {trigger}
      </Slot.Root>
      {panel !== undefined && (
        <panel.MenuPanel
          label={label}
          align={align}
          side={side}
          place={place}
          control={control}
          returnTo={returnTo}
          byKey={byKey}
          onClose={close}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          {children}
        </panel.MenuPanel>
      )}
    </>
  )
}

export interface ContextMenuProps {
  /** The area: one element that takes a ref. */
  children: ReactElement
  menu: ReactNode
  label: string
  onOpenChange?: ((open: boolean) => void) | undefined
  onCloseAutoFocus?: ((event: Event) => void) | undefined
}

/** How long a finger rests to open a menu, in milliseconds. */
const LONG_PRESS = 600

/** Calls `open` after a long press; a finger that moves or leaves does not count. */
function useLongPress(open: (target: EventTarget, x: number, y: number) => void) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const clear = () => clearTimeout(timer.current)
  useEffect(() => clear, [])
  const start = (event: PointerEvent) => {
    clear()
    if (event.pointerType !== 'touch') return
    const { target, clientX, clientY } = event
    timer.current = setTimeout(() => open(target, clientX, clientY), LONG_PRESS)
  }
  return { onPointerDown: start, onPointerMove: clear, onPointerUp: clear, onPointerCancel: clear }
}

/** Asks for the menu of what lies at a point, as a right click does. */
function askAt(target: EventTarget, clientX: number, clientY: number): void {
  target.dispatchEvent(new window.MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX, clientY }))
}

interface Opened {
  readonly x: number
  readonly y: number
  readonly byKey: boolean
  readonly returnTo: HTMLElement | undefined
}

export function ContextMenu({ children, menu, label, onOpenChange, onCloseAutoFocus }: ContextMenuProps) {
  const [opened, setOpened] = useState<Opened>()
  const close = useCallback(() => {
    setOpened(undefined)
    onOpenChange?.(false)
  }, [onOpenChange])
  const panel = usePart(menuPanel, opened !== undefined, close)
  const longPress = useLongPress(askAt)
  const ask = (event: MouseEvent) => {
    if (event.defaultPrevented) return
    event.preventDefault()
    const returnTo = opener()
    const byKey = event.button !== 2 && returnTo?.matches(':focus-visible') === true
    setOpened({ x: event.clientX, y: event.clientY, byKey, returnTo })
    onOpenChange?.(true)
  }
  return (
    <>
      <Slot.Root data-state={opened === undefined ? 'closed' : 'open'} onContextMenu={ask} onPointerEnter={() => ahead(menuPanel)} {...longPress}>
        {children}
      </Slot.Root>
      {panel !== undefined && opened !== undefined && (
        <panel.MenuPanel
          key={`${opened.x} ${opened.y}`}
          label={label}
          align="start"
          side="bottom"
          place={() => ({ left: opened.x, top: opened.y, width: 0, height: 0 })}
          returnTo={() => opened.returnTo}
          byKey={opened.byKey}
          onClose={close}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          {menu}
        </panel.MenuPanel>
      )}
    </>
  )
}

function useParts(): typeof DropdownMenu {
  const parts = useContext(MenuParts)
  if (parts === undefined) throw new Error('a menu item stands outside a menu')
  return parts
}

export interface MenuItemProps {
  children: ReactNode
  onSelect: () => void
  icon?: LucideIcon | undefined
  danger?: boolean | undefined
  disabled?: boolean | undefined
  shortcut?: string | undefined
  /** A second line in softer ink. */
  hint?: ReactNode
}

export function MenuItem({ icon: Icon, onSelect, danger = false, disabled = false, shortcut, children, hint }: MenuItemProps) {
  const Parts = useParts()
  return (
    <Parts.Item onSelect={onSelect} disabled={disabled} className={cx(ITEM, danger && 'text-bad data-[highlighted]:bg-bad-tint')}>
      {Icon !== undefined && <Icon aria-hidden className={cx('size-4 shrink-0', !danger && 'text-soft')} />}
      <span className="min-w-0 flex-1">
        <span className="block truncate">{children}</span>
        {hint !== undefined && <span className="block text-xs text-soft">{hint}</span>}
      </span>
      {shortcut !== undefined && <Kbd>{shortcut}</Kbd>}
    </Parts.Item>
  )
}

export interface MenuCheckProps {
  children: ReactNode
  checked: boolean
  onCheckedChange: (checked: boolean) => void
  disabled?: boolean | undefined
  hint?: ReactNode
}

/** An item that is on or off; the menu closes as with any item. */
export function MenuCheck({ children, checked, onCheckedChange, disabled = false, hint }: MenuCheckProps) {
  const Parts = useParts()
  return (
    <Parts.CheckboxItem checked={checked} onCheckedChange={onCheckedChange} disabled={disabled} className={ITEM}>
      <span aria-hidden className="flex size-4 shrink-0 items-center justify-center">
        {checked && <Check className="size-4 text-accent" />}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate">{children}</span>
        {hint !== undefined && <span className="block text-xs text-soft">{hint}</span>}
      </span>
    </Parts.CheckboxItem>
  )
}

export function MenuSeparator() {
  const Parts = useParts()
  return <Parts.Separator className="my-1 h-px bg-line" />
}

export function MenuLabel({ children }: { children: ReactNode }) {
  const Parts = useParts()
  return <Parts.Label className="px-2 py-1 text-xs font-medium text-soft">{children}</Parts.Label>
}

/** A menu inside a menu. */
export function MenuSub({ label, icon: Icon, children }: { label: string; icon?: LucideIcon | undefined; children: ReactNode }) {
  const Parts = useParts()
  return (
    <Parts.Sub>
      <Parts.SubTrigger className={cx(ITEM, 'data-[state=open]:bg-hover')}>
        {Icon !== undefined && <Icon aria-hidden className="size-4 shrink-0 text-soft" />}
        <span className="min-w-0 flex-1 truncate">{label}</span>
        <ChevronRight aria-hidden className="size-4 text-faint" />
      </Parts.SubTrigger>
      <Parts.Portal>
        <Parts.SubContent aria-label={label} sideOffset={4} collisionPadding={8} className={SUB_PANEL} loop>
          {children}
        </Parts.SubContent>
      </Parts.Portal>
    </Parts.Sub>
  )
}
