// A titled part of a list of parts, and something that opens in place.
import { ChevronRight } from 'lucide-react'
import { useId, useState, type ReactNode } from 'react'
import { keep, kept } from '@lib/storage'
import { cx } from './cx'

export interface SectionProps {
  title: string
  /** Beside the title: a figure or a small button. */
  aside?: ReactNode
  children: ReactNode
  collapsible?: boolean | undefined
  /** The name under which this browser remembers whether it is open. */
  storageName?: string | undefined
}

export function Section({ title, aside, children, collapsible = false, storageName }: SectionProps) {
  const id = useId()
  const [open, setOpen] = useState<boolean>(() => storageName === undefined || kept<boolean>(`section.${storageName}`, true))
  const toggle = () => {
    setOpen(!open)
    if (storageName !== undefined) keep(`section.${storageName}`, !open)
  }
  const shown = !collapsible || open
  return (
    <section aria-labelledby={id} className="flex flex-col gap-2">
      <div className="flex min-h-7 items-center gap-2 text-s text-soft">
        <h2 id={id} className="min-w-0 flex-1 text-s font-semibold">
          {collapsible ? (
            <button type="button" aria-expanded={open} onClick={toggle} className="group flex items-center gap-1 rounded-s text-left hover:text-ink pointer-coarse:min-h-10">
              {title}
              <ChevronRight
                aria-hidden
                className={cx('size-3 text-faint transition-[transform,opacity]', open ? 'rotate-90 opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100' : 'opacity-100')}
              />
            </button>
          ) : (
            title
          )}
        </h2>
        {aside}
      </div>
      {shown && children}
    </section>
  )
}

export interface DisclosureProps {
  summary: ReactNode
  children: ReactNode
  defaultOpen?: boolean | undefined
}

/** A line that opens to more. */
export function Disclosure({ summary, children, defaultOpen = false }: DisclosureProps) {
  const [open, setOpen] = useState(defaultOpen)
  const id = useId()
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="flex max-w-full items-center gap-1 rounded-s text-left text-s text-soft hover:text-ink pointer-coarse:min-h-10"
      >
        <ChevronRight aria-hidden className={cx('size-4 shrink-0 transition-transform', open && 'rotate-90')} />
        <span className="min-w-0">{summary}</span>
      </button>
      <div id={id} hidden={!open} className="pt-2 pl-5">
        {open && children}
      </div>
    </div>
  )
}
