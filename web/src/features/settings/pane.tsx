// The frame of one section: its heading, what it is about, and its rows between hairlines.
import { asApiError, type Settings, settingsQuery } from '@api'
import { ErrorNote, Skeleton } from '@kit'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { words } from './words'

interface PaneProps {
  title: string
  intro?: ReactNode
  /** Beside the heading: what has just been saved, or a button. */
  aside?: ReactNode
  children: ReactNode
}

export function Pane({ title, intro, aside, children }: PaneProps) {
  return (
    <section aria-labelledby="customize-heading" className="min-w-0">
      <div className="flex min-h-8 items-center justify-between gap-4">
        <h1 id="customize-heading" className="text-xl font-semibold text-ink">
          {title}
        </h1>
        {aside}
      </div>
      {intro !== undefined && <p className="mt-1 max-w-prose text-m text-soft">{intro}</p>}
      <div className="mt-6 flex flex-col gap-8">{children}</div>
    </section>
  )
}

/** A titled group of rows. */
export function Group({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <div className="flex items-center justify-between gap-4 border-b border-line pb-2">
        <h2 className="text-s font-semibold text-soft">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}

/** The settings, once they are there; until then a skeleton, or what went wrong. */
export function WithSettings({ children }: { children: (settings: Settings) => ReactNode }) {
  const settings = useQuery(settingsQuery)
  if (settings.data !== undefined) return children(settings.data)
  if (settings.isPending) return <Skeleton lines={6} />
  return <FailedNote error={settings.error} what={words.loadFailed} onRetry={() => void settings.refetch()} />
}

/** A list that could not be had. */
export function FailedNote({ error, what, onRetry }: { error: unknown; what: string; onRetry: () => void }) {
  const { message, hint } = asApiError(error)
  return <ErrorNote message={`${what}: ${message}`} hint={hint} onRetry={onRetry} />
}
