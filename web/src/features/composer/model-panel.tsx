// All models on offer, by provider, with a search box where there are many. What cannot be used says why.
import { Link } from '@tanstack/react-router'
import { Check, CircleOff, Settings2 } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { useIsFetching } from '@tanstack/react-query'
import { buttonLook, Spinner, Told } from '@kit'
import { modelsQuery } from '@api'
import type { ModelOffer, ProviderModels } from '@api'
import { moved } from './keys'
import { bareName, countModels, grouped, providerTitle, typedModel } from './models'
import { Option, OptionList } from './options'
import { MODEL } from './words'

/** From this many models on there is a search box. */
const MANY = 9

export interface ModelPanelProps {
  readonly providers: readonly ProviderModels[]
  readonly model: string | undefined
  readonly onPick: (model: string) => void
}

export function ModelPanel({ providers, model, onPick }: ModelPanelProps) {
  const id = useId()
  const [query, setQuery] = useState('')
  const groups = grouped(providers, query)
  const typed = typedModel(providers, query)
  const offered = groups.flatMap((group) => group.models)
  const rows: readonly ModelOffer[] =
    typed === undefined || offered.some((it) => it.name === typed) ? offered : [...offered, { name: typed, title: MODEL.byName, efforts: [] }]
  const [at, setAt] = useState(() => Math.max(rows.findIndex((it) => it.name === model), 0))
  const many = countModels(providers) >= MANY
  const marked = rows.length === 0 ? undefined : `${id}-${Math.min(at, rows.length - 1)}`
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(event.key, at, rows.length)
    const row = rows[Math.min(at, rows.length - 1)]
    if (next !== undefined) setAt(next)
    else if (event.key === 'Enter' && row !== undefined) onPick(row.name)
    else return
    event.preventDefault()
  }
  const option = (row: ModelOffer): ReactNode => {
    const place = rows.indexOf(row)
    return (
      <Option key={row.name} id={`${id}-${place}`} marked={`${id}-${place}` === marked} chosen={row.name === model} onPick={() => onPick(row.name)} onMark={() => setAt(place)}>
        <span className="min-w-0 flex-1">
          <span className="block truncate">{row.title}</span>
          {row.title !== bareName(row.name) && <span className="block truncate text-xs text-faint">{row.name}</span>}
        </span>
        {row.name === model && <Check aria-hidden className="size-4 shrink-0 text-accent" />}
      </Option>
    )
  }
  return (
    <div className="flex max-h-96 flex-col">
      <Field
        searchable={many}
        list={id}
        marked={marked}
        query={query}
        onKeyDown={onKeyDown}
        onQuery={(next) => {
          setQuery(next)
          setAt(0)
        }}
      >
        {groups.map((group) => (
          <Group key={group.provider} group={group} id={`${id}-${group.provider}`}>
            {group.models.map(option)}
          </Group>
        ))}
        {rows.filter((row) => !offered.includes(row)).map(option)}
      </Field>
      <Below nothing={rows.length === 0} searched={query.trim() !== ''} />
    </div>
  )
}

interface FieldProps {
  readonly searchable: boolean
  readonly list: string
  readonly marked: string | undefined
  readonly query: string
  readonly onQuery: (query: string) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly children: ReactNode
}

/** What has the focus: the search box where there is one, otherwise a box around the list. */
function Field({ searchable, list, marked, query, onQuery, onKeyDown, children }: FieldProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <>
      <input
        ref={input}
        role="combobox"
        aria-label={searchable ? MODEL.search : MODEL.label}
        aria-expanded
        aria-controls={list}
        aria-activedescendant={marked}
        aria-autocomplete="list"
        placeholder={MODEL.search}
        value={query}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={onKeyDown}
        // With few models the field is only where the keys arrive.
        className={searchable ? 'h-10 w-full shrink-0 border-b bg-transparent px-3 text-s outline-none focus-visible:outline-none pointer-coarse:text-l' : 'sr-only'}
      />
      <OptionList id={list} label={MODEL.list} marked={marked} className="min-h-0 flex-1 overflow-y-auto p-1">
        {children}
      </OptionList>
    </>
  )
}

function Group({ group, id, children }: { readonly group: ProviderModels; readonly id: string; readonly children: ReactNode }) {
  const title = providerTitle(group.provider)
  return (
    <div role="group" aria-labelledby={id} className="py-1">
      <div id={id} className="px-2 py-1 text-xs font-medium text-soft">
        {title}
      </div>
      {group.unavailable == null ? (
        children
      ) : (
        <Option id={`${id}-closed`} marked={false} disabled onPick={() => undefined}>
          <CircleOff aria-hidden className="size-4 shrink-0" />
          <span className="min-w-0 flex-1 break-words">
            <Told text={`${MODEL.unavailable}: ${group.unavailable}`} />
          </span>
        </Option>
      )}
    </div>
  )
}

function Below({ nothing, searched }: { readonly nothing: boolean; readonly searched: boolean }) {
  const asking = useIsFetching({ queryKey: modelsQuery.queryKey }) > 0
  return (
    <div className="flex shrink-0 flex-col gap-1 border-t p-1">
      {asking && <Spinner label={MODEL.loading} className="px-2 py-1" />}
      {nothing && !asking && <p className="px-2 py-1 text-s text-soft">{searched ? MODEL.nothing : `${MODEL.noProvider} ${MODEL.noProviderHint}`}</p>}
      <Link to="/customize/$section" params={{ section: 'providers' }} className={`${buttonLook('quiet', 's')} justify-start`}>
        <Settings2 aria-hidden className="size-4" />
        {MODEL.connect}
      </Link>
    </div>
  )
}
