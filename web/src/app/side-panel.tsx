// A column on the right whose width the reader chooses, by pointer or arrow keys; remembered.
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react'
import { keep, kept } from '@lib/storage'
import { words } from './words'

const LEAST = 360
const USUAL = 560
const STEP = 32

/** The widest the panel may be, so that the conversation keeps its room. */
function most(): number {
  return Math.max(LEAST, Math.min(1100, window.innerWidth - 640))
}

function within(width: number): number {
  return Math.round(Math.min(Math.max(width, LEAST), most()))
}

export function SidePanel({ label, children }: { label: string; children: ReactNode }) {
  const [width, setWidth] = useState(() => within(kept<number>('preview.width', USUAL)))
  const from = useRef<{ x: number; width: number } | undefined>(undefined)
  useEffect(() => {
    const fit = () => setWidth((now) => within(now))
    window.addEventListener('resize', fit)
    return () => window.removeEventListener('resize', fit)
  }, [])
  const set = (next: number) => {
    setWidth(within(next))
    keep('preview.width', within(next))
  }
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (from.current !== undefined) set(from.current.width + from.current.x - event.clientX)
  }
  const grab = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    from.current = { x: event.clientX, width }
  }
  const arrows = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') set(width + STEP)
    else if (event.key === 'ArrowRight') set(width - STEP)
    else return
    event.preventDefault()
  }
  return (
    <aside aria-label={label} className="relative flex min-h-0 shrink-0 flex-col border-l border-line bg-bg" style={{ width }}>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a separator that moves is a control */}
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={words.task.resize}
        aria-valuemin={LEAST}
        aria-valuemax={most()}
        aria-valuenow={width}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a separator that moves is a control
        tabIndex={0}
        onPointerDown={grab}
        onPointerMove={drag}
        onPointerUp={() => {
          from.current = undefined
        }}
        onKeyDown={arrows}
        className="absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize touch-none hover:bg-line focus-visible:bg-accent"
      />
      {children}
    </aside>
  )
}
