// A name that appears over a control. It repeats or shortens; nothing is only in a tooltip.
import { Slot } from 'radix-ui'
import { useEffect, useId, useLayoutEffect, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { Kbd } from './kbd'

/** How long the pointer rests before the name appears, in milliseconds. */
const REST = 450
/** After one name, the next appears at once for this long, in milliseconds. */
const RUN = 300
/** Time to move the pointer from the control onto the name, in milliseconds. */
const GRACE = 120
const GAP = 6
const EDGE = 8

let hiddenAt = -Infinity

export type TooltipSide = 'top' | 'right' | 'bottom' | 'left'

export interface TooltipProps {
  text: ReactNode
  /** A control that takes a ref. */
  children: ReactElement
  shortcut?: string | undefined
  side?: TooltipSide | undefined
}

/** Around everything; a place for what the kit needs once. */
export function KitRoot({ children }: { children: ReactNode }) {
  return children
}

/** When the name is shown: on rest, on focus by keyboard, until something is done. */
function useShown() {
  const [shown, setShown] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const after = (ms: number, next: boolean) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      if (!next) hiddenAt = performance.now()
      setShown(next)
    }, ms)
  }
  const hide = () => {
    clearTimeout(timer.current)
    setShown(false)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  return { shown, after, hide }
}

export function Tooltip({ text, children, shortcut, side = 'bottom' }: TooltipProps) {
  const { shown, after, hide } = useShown()
  const control = useRef<HTMLElement>(null)
  const id = useId()
  return (
    <>
      <Slot.Root
        ref={control}
        {...(shown ? { 'aria-describedby': id } : {})}
        onPointerEnter={(event) => {
          if (event.pointerType !== 'touch') after(performance.now() - hiddenAt < RUN ? 0 : REST, true)
        }}
        onPointerLeave={() => after(GRACE, false)}
        onPointerDown={hide}
        onFocus={(event) => {
          if (event.currentTarget.matches(':focus-visible')) after(REST, true)
        }}
        onBlur={hide}
        onKeyDown={hide}
      >
        {children}
      </Slot.Root>
      {shown && (
        <Bubble id={id} control={control} side={side} onStay={() => after(0, true)} onLeave={() => after(GRACE, false)} onHide={hide}>
          {text}
          {shortcut !== undefined && <Kbd inverse>{shortcut}</Kbd>}
        </Bubble>
      )}
    </>
  )
}

/** Where the name stands: beside the control, within the window, on the other side where there is no room. */
function placed(side: TooltipSide, at: DOMRect, width: number, height: number): { left: number; top: number } {
  const middle = { left: at.left + (at.width - width) / 2, top: at.top + (at.height - height) / 2 }
  const within = (left: number, top: number) => ({
    left: Math.max(EDGE, Math.min(left, window.innerWidth - width - EDGE)),
    top: Math.max(EDGE, Math.min(top, window.innerHeight - height - EDGE)),
  })
  const above = at.top - height - GAP
  const below = at.bottom + GAP
  switch (side) {
    case 'top':
      return within(middle.left, above < EDGE ? below : above)
    case 'bottom':
      return within(middle.left, below + height > window.innerHeight - EDGE ? above : below)
    case 'left':
      return within(at.left - width - GAP, middle.top)
    case 'right':
      return within(at.right + GAP, middle.top)
  }
}

interface BubbleProps {
  id: string
  control: { current: HTMLElement | null }
  side: TooltipSide
  children: ReactNode
  onStay: () => void
  onLeave: () => void
  onHide: () => void
}

function Bubble({ id, control, side, children, onStay, onLeave, onHide }: BubbleProps) {
  const bubble = useRef<HTMLDivElement>(null)
  const latest = useRef(onHide)
  useEffect(() => {
    latest.current = onHide
  })
  useLayoutEffect(() => {
    const from = control.current
    const to = bubble.current
    if (from === null || to === null) return
    const { left, top } = placed(side, from.getBoundingClientRect(), to.offsetWidth, to.offsetHeight)
    to.style.left = `${left}px`
    to.style.top = `${top}px`
  }, [children, control, side])
  useEffect(() => {
    const hide = () => latest.current()
    const escape = (event: KeyboardEvent) => {
      if (event.key === 'Escape') hide()
    }
    window.addEventListener('scroll', hide, true)
    window.addEventListener('keydown', escape, true)
    return () => {
      window.removeEventListener('scroll', hide, true)
      window.removeEventListener('keydown', escape, true)
    }
  }, [])
  return createPortal(
    <div
      ref={bubble}
      id={id}
      role="tooltip"
      onPointerEnter={onStay}
      onPointerLeave={onLeave}
      className="fixed z-60 flex max-w-xs animate-fade items-center gap-2 rounded-s bg-ink px-2 py-1 text-xs text-bg shadow-float"
    >
      {children}
    </div>,
    document.body,
  )
}
