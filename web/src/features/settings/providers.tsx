// The providers: how each stands, setting one up, taking one out.
import { asApiError, modelsQuery, type ProviderState, removeProvider, type Settings, settingsQuery } from '@api'
import { Button, Confirm, Empty, Spinner, toast, Told } from '@kit'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import {
  CircleAlert, CircleCheck, CircleDashed, CirclePause, KeyRound, type LucideIcon, Plus, RefreshCw,
} from 'lucide-react'
import { useState } from 'react'
import { FailedNote, Group, Pane, WithSettings } from './pane'
import { ProviderForm } from './provider-form'
import { type ProviderLine, shownName, type Standing, standingOf } from './provider-facts'
import { words } from './words'

const text = words.providers

/** What is open above the list. */
type Open = { what: 'form'; provider: ProviderState | undefined } | { what: 'remove'; provider: ProviderState }

export function Providers() {
  const [open, setOpen] = useState<Open>()
  const models = useQuery(modelsQuery)
  return (
    <Pane
      title={words.sections.providers}
      intro={text.intro}
      aside={
        <Button variant="primary" icon={Plus} onClick={() => setOpen({ what: 'form', provider: undefined })}>
          {text.add}
        </Button>
      }
    >
      {models.isError && <FailedNote error={models.error} what={text.failed} onRetry={() => void models.refetch()} />}
      <WithSettings>
        {(settings) => (
          <>
            <ProviderGroups settings={settings} onOpen={setOpen} />
            <p className="text-s text-soft">{text.keysAt[settings.key_place]}</p>
            {open?.what === 'form' && (
              <ProviderForm
                provider={open.provider}
                taken={settings.providers.map((provider) => provider.name)}
                onClose={() => setOpen(undefined)}
              />
            )}
            {open?.what === 'remove' && <RemoveProvider provider={open.provider} onClose={() => setOpen(undefined)} />}
          </>
        )}
      </WithSettings>
    </Pane>
  )
}

function ProviderGroups({ settings, onOpen }: { settings: Settings; onOpen: (open: Open) => void }) {
  const models = useQuery(modelsQuery)
  const remote = settings.providers.filter((provider) => !provider.local)
  const local = settings.providers.filter((provider) => provider.local)
  const again = (
    <Button variant="quiet" size="s" icon={RefreshCw} busy={models.isFetching} onClick={() => void models.refetch()}>
      {text.checkAgain}
    </Button>
  )
  const rows = (providers: readonly ProviderState[]) => (
    <ul>
      {providers.map((provider) => {
        const asked = models.data?.find((offer) => offer.provider === provider.name)
        return (
          <ProviderRow
            key={provider.name}
            provider={provider}
            line={standingOf(provider, asked, models.isFetching)}
            onOpen={onOpen}
          />
        )
      })}
    </ul>
  )
  if (settings.providers.length === 0) return <Empty title={text.empty} />
  return (
    <>
      <Group title={text.remote} aside={again}>
        {rows(remote)}
      </Group>
      {local.length > 0 && (
        <Group title={text.local}>
          <p className="pt-3 text-s text-soft">{text.localHint}</p>
          {rows(local)}
        </Group>
      )}
    </>
  )
}

interface RowProps {
  provider: ProviderState
  line: ProviderLine
  onOpen: (open: Open) => void
}

function ProviderRow({ provider, line, onOpen }: RowProps) {
  const name = shownName(provider.name)
  const stored = provider.origin === 'settings' || provider.key === 'keychain' || provider.key === 'encrypted_file'
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line py-4">
      <div className="min-w-0 flex-1 basis-64">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-semibold text-ink">{name}</span>
          <StandingMark line={line} />
        </div>
        <p className="mt-1 text-s break-all text-soft">
          <span className="font-mono">{provider.base_url}</span>
          {provider.key !== 'none' && <> · {text.key[provider.key]}</>}
        </p>
        {line.detail !== '' && line.standing !== 'ready' && line.standing !== 'found' && (
          <p className="mt-1 text-s text-soft">
            <Told text={line.detail} />
          </p>
        )}
        {line.next !== '' && <p className="mt-1 text-s text-ink">
            <Told text={line.next} />
          </p>}
      </div>
      <div className="flex gap-2">
        <Button
          size="s"
          aria-label={stored ? text.editNamed(name) : text.setUpNamed(name)}
          onClick={() => onOpen({ what: 'form', provider })}
        >
          {stored ? text.edit : text.setUp}
        </Button>
        {stored && (
          <Button
            size="s"
            variant="quiet"
            aria-label={provider.origin === 'known' ? text.forgetNamed(name) : text.removeNamed(name)}
            onClick={() => onOpen({ what: 'remove', provider })}
          >
            {provider.origin === 'known' ? text.forget : text.remove}
          </Button>
        )}
      </div>
    </li>
  )
}

const MARKS: Record<Exclude<Standing, 'checking'>, { icon: LucideIcon; tone: string }> = {
  ready: { icon: CircleCheck, tone: 'text-ok' },
  found: { icon: CircleCheck, tone: 'text-ok' },
  not_running: { icon: CirclePause, tone: 'text-soft' },
  no_key: { icon: KeyRound, tone: 'text-soft' },
  not_ready: { icon: CircleAlert, tone: 'text-warn' },
  unknown: { icon: CircleDashed, tone: 'text-soft' },
}

function StandingMark({ line }: { line: ProviderLine }) {
  if (line.standing === 'checking') return <Spinner label={line.word} />
  const { icon: Icon, tone } = MARKS[line.standing]
  const counted = line.standing === 'ready' || line.standing === 'found'
  return (
    <span className={`inline-flex items-center gap-1 text-s ${tone}`}>
      <Icon aria-hidden className="size-4" />
      {line.word}
      {counted && <span className="text-soft">· {line.detail}</span>}
    </span>
  )
}

function RemoveProvider({ provider, onClose }: { provider: ProviderState; onClose: () => void }) {
  const client = useQueryClient()
  const name = shownName(provider.name)
  const known = provider.origin === 'known'
  const removal = useMutation({
    mutationFn: removeProvider,
    onSuccess: (settings) => {
      client.setQueryData(settingsQuery.queryKey, settings)
      void client.invalidateQueries({ queryKey: modelsQuery.queryKey })
      toast(text.removed(name))
    },
    onError: (error) => toast(asApiError(error).message, { tone: 'bad' }),
  })
  return (
    <Confirm
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={known ? text.forgetTitle(name) : text.removeTitle(name)}
      description={known ? text.forgetAbout : text.removeAbout}
      action={known ? text.forget : text.remove}
      danger
      onConfirm={() => removal.mutateAsync(provider.name).then(onClose, onClose)}
    />
  )
}
