// What the task reached for on the network: one line for each host, from the ledger.
import { useQuery } from '@tanstack/react-query'
import { Ban, Globe } from 'lucide-react'
import { ledgerQuery } from '@api'
import { Section } from '@kit'
import { useView, type TaskStore } from '@stream'
import { Capped } from './capped'
import { visited, type Visited } from './ledger'
import { words } from './words'

const said = words.network
/** Hosts that are shown at first. */
const MOST = 6

export function NetworkSection({ store }: { store: TaskStore }) {
  // A decision is made within a turn; what has just been decided is asked for with the next step.
  const steps = useView(store, (view) => view.steps)
  const state = useView(store, (view) => view.state)
  const ledger = useQuery(ledgerQuery(store.id, `${steps} ${state}`))
  const hosts = visited(ledger.data ?? [])
  return (
    <Section title={said.title} collapsible storageName="rail.network">
      {hosts.length === 0 ? (
        <p className="text-soft">{said.empty}</p>
      ) : (
        <Capped
          items={hosts}
          most={MOST}
          list={(shown) => (
            <ul className="flex flex-col gap-2">
              {shown.map((host) => (
                <Row key={host.name} host={host} />
              ))}
            </ul>
          )}
        />
      )}
    </Section>
  )
}

function Row({ host }: { host: Visited }) {
  const Icon = host.allowed === 0 ? Ban : Globe
  return (
    <li className="flex items-start gap-2">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-faint" />
      <div className="min-w-0">
        <p className="break-words">{host.name}</p>
        <p className="text-xs text-soft">{said.line(host)}</p>
      </div>
    </li>
  )
}
