// Words for screen readers that happen away from the focus: approvals, answers, connection.
import { useSyncExternalStore } from 'react'

export type Politeness = 'polite' | 'assertive'

interface Said {
  readonly text: string
  readonly serial: number
}

const SILENT: Said = { text: '', serial: 0 }
const said: Record<Politeness, Said> = { polite: SILENT, assertive: SILENT }
const listeners = new Set<() => void>()

/** Says something once. Assertive interrupts: only for what waits for the reader. */
export function announce(text: string, politeness: Politeness = 'polite'): void {
  said[politeness] = { text, serial: said[politeness].serial + 1 }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Where the announcements land; once per page. The same words said twice are two announcements. */
export function Announcer() {
  const polite = useSyncExternalStore(subscribe, () => said.polite)
  const assertive = useSyncExternalStore(subscribe, () => said.assertive)
  return (
    <div className="sr-only">
      <div role="status" aria-live="polite" aria-atomic="true">
        <span key={polite.serial}>{polite.text}</span>
      </div>
      <div role="alert" aria-live="assertive" aria-atomic="true">
        <span key={assertive.serial}>{assertive.text}</span>
      </div>
    </div>
  )
}
