// What tasks may reach on the network: how much is open, the list of hosts, and those that are never reached.
import type { NetworkAllow, NetworkSettings, SettingsChange } from '@api'
import { Button, IconButton, Notice, RadioCards, TextField } from '@kit'
import { X } from 'lucide-react'
import { type SyntheticEvent, useState } from 'react'
import { Group, Pane, WithSettings } from './pane'
import { SavedMark, SaveError, type Saving, useSaving } from './saving'
import { words } from './words'

const text = words.network
const OPEN: readonly NetworkAllow[] = ['none', 'list', 'registries', 'all']
type ListName = 'hosts' | 'denied'

export function Network() {
  const saving = useSaving()
  return (
    <Pane title={words.sections.network} intro={text.intro} aside={<SavedMark saving={saving} />}>
      <WithSettings>{({ network }) => <Reach network={network} saving={saving} />}</WithSettings>
    </Pane>
  )
}

function Reach({ network, saving }: { network: NetworkSettings; saving: Saving }) {
  return (
    <>
      {network.organisation != null && <Notice tone="info" title={text.organisation[network.organisation]} />}
      <SaveError saving={saving} />
      <div className="flex flex-col gap-3">
        <RadioCards
          label={text.open}
          showLabel
          value={network.allow}
          onValueChange={(allow) => saving.save({ network: { allow } })}
          options={OPEN.map((allow) => ({ value: allow, label: text.allow[allow].label, description: text.allow[allow].about }))}
        />
        {network.allow === 'registries' && (
          <p className="text-s break-words text-soft">{`${text.registries}: ${network.registries.join(', ')}.`}</p>
        )}
        {network.proxy != null && <p className="text-s break-words text-soft">{text.proxy(network.proxy)}</p>}
      </div>
      <Hosts name="hosts" network={network} saving={saving} />
      <Hosts name="denied" network={network} saving={saving} />
    </>
  )
}

function Hosts({ name, network, saving }: { name: ListName; network: NetworkSettings; saving: Saving }) {
  const said = text[name]
  const hosts = network[name]
  const remove = (host: string) => saving.save(removal(name, host))
  return (
    <Group title={said.title}>
      <div className="flex flex-col gap-3 pt-4">
        <AddHost name={name} hosts={hosts} saving={saving} />
        {name === 'hosts' && network.allow === 'none' && <p className="text-s text-soft">{said.unused}</p>}
        {hosts.length === 0 && <p className="text-s text-soft">{said.empty}</p>}
        {hosts.length > 0 && (
          <ul aria-label={said.title}>
            {hosts.map((host) => (
              <li key={host} className="flex items-center justify-between gap-4 border-b border-line py-2">
                <span className="min-w-0 font-mono text-s break-all text-ink">{host}</span>
                <IconButton icon={X} label={text.removeNamed(host, said.title)} onClick={() => remove(host)} />
              </li>
            ))}
          </ul>
        )}
        {name === 'hosts' && network.rules.length > 0 && (
          <p className="text-s break-words text-soft">{`${text.rules} ${network.rules.join(', ')}`}</p>
        )}
      </div>
    </Group>
  )
}

/** A host is read by the server, whose words say what is wrong with it; it stays in the field until it is taken. */
function AddHost({ name, hosts, saving }: { name: ListName; hosts: readonly string[]; saving: Saving }) {
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState<string>()
  const submit = (event: SyntheticEvent) => {
    event.preventDefault()
    const host = typed.trim()
    if (host === '') return setWrong(text.missing)
    if (hosts.includes(host.toLowerCase())) return setWrong(text.taken)
    saving.save(addition(name, host), () => setTyped(''))
  }
  return (
    <form className="flex max-w-md flex-col items-start gap-3" onSubmit={submit}>
      <div className="w-full">
        <TextField
          label={text[name].field}
          hint={text[name].hint}
          placeholder={text.placeholder}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setWrong(undefined)
          }}
          error={wrong}
        />
      </div>
      <Button type="submit" size="s" busy={saving.state === 'saving' && typed !== ''}>
        {text.add}
      </Button>
    </form>
  )
}

function addition(name: ListName, host: string): SettingsChange {
  return { network: name === 'hosts' ? { add_hosts: [host] } : { add_denied: [host] } }
}

function removal(name: ListName, host: string): SettingsChange {
  return { network: name === 'hosts' ? { remove_hosts: [host] } : { remove_denied: [host] } }
}
