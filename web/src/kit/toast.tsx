// Short messages at the edge: what was just done, with the way back. They wait while they are pointed at or focused.
import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { announce } from './announce'
import { Button, IconButton } from './button'
import { cx } from './cx'
import { Told, untick } from './told'
import { words } from './words'

export type ToastTone = 'info' | 'ok' | 'warn' | 'bad'

export interface ToastOptions {
  tone?: ToastTone | undefined
  action?: { label: string; run: () => void } | undefined
}

interface Toast extends ToastOptions {
  readonly id: number
  readonly text: string
}

/** More than these at once, and the oldest goes. */
const MOST = 3

let toasts: readonly Toast[] = []
let serial = 0
const listeners = new Set<() => void>()

function change(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

function dismiss(id: number): void {
  change(toasts.filter((toast) => toast.id !== id))
}

/** Shows a short message; it is announced too. */
export function toast(text: string, options: ToastOptions = {}): void {
  serial += 1
  change([...toasts, { id: serial, text, ...options }].slice(-MOST))
  announce(untick(text), options.tone === 'bad' ? 'assertive' : 'polite')
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const TONES = {
  info: { icon: Info, ink: 'text-accent' },
  ok: { icon: CircleCheck, ink: 'text-ok' },
  warn: { icon: TriangleAlert, ink: 'text-warn' },
  bad: { icon: CircleAlert, ink: 'text-bad' },
}

function Shown({ toast }: { toast: Toast }) {
  const [held, setHeld] = useState(false)
  const { id, action } = toast
  const stays = action === undefined && toast.tone !== 'bad' ? 5_000 : 10_000
  useEffect(() => {
    if (held) return
    const timer = setTimeout(() => dismiss(id), stays)
    return () => clearTimeout(timer)
  }, [held, id, stays])
  const { icon: Icon, ink } = TONES[toast.tone ?? 'ok']
  return (
    <li
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex w-full animate-rise items-center gap-3 rounded-m border border-line bg-panel py-2 pr-2 pl-4 text-s shadow-float"
    >
      <Icon aria-hidden className={cx('size-4 shrink-0', ink)} />
      <span className="min-w-0 flex-1 break-words">
        <Told text={toast.text} />
      </span>
      {action !== undefined && (
        <Button
          size="s"
          onClick={() => {
            dismiss(id)
            action.run()
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label={words.dismiss} icon={X} size="s" tip={false} onClick={() => dismiss(id)} />
    </li>
  )
}

/** Where the messages appear; once per page. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts)
  const list = useRef<HTMLOListElement>(null)
  return (
    <section aria-label={words.notifications} className="pointer-events-none fixed inset-x-0 bottom-0 z-50 flex justify-center p-4 pb-safe">
      <ol ref={list} className="flex w-full max-w-md flex-col gap-2">
        {shown.map((each) => (
          <Shown key={each.id} toast={each} />
        ))}
      </ol>
    </section>
  )
}
