// Connecting a model: the tiles of what there is, then one small form.
import { useQuery } from '@tanstack/react-query'
import { ArrowLeft, ChevronRight, CircleAlert, CircleCheck, CircleOff, KeyRound, LoaderCircle, Plus, RotateCw } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { asApiError, modelsQuery, settingsQuery } from '@api'
import { Button, cx, ErrorNote, Skeleton } from '@kit'
import { ProviderStep } from './provider-step'
import { standingWord, tilesOf } from './tiles'
import type { Standing, Tile } from './tiles'
import { STEP, WORDS } from './words'

export interface ConnectStepProps {
  readonly onBack: () => void
  readonly onDone: () => void
}

export function ConnectStep({ onBack, onDone }: ConnectStepProps) {
  const settings = useQuery(settingsQuery)
  const models = useQuery(modelsQuery)
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const asked = models.isFetching ? undefined : (models.data ?? [])
  const tiles = tilesOf(settings.data?.providers ?? [], asked)
  const tile = tiles.find((it) => it.name === chosen)
  const again = () => void models.refetch()
  return (
    <section aria-labelledby="connect-title" className="mx-auto flex w-full max-w-2xl flex-col gap-6">
      <header className="flex flex-col items-start gap-2">
        <Button variant="quiet" size="s" icon={ArrowLeft} onClick={tile === undefined ? onBack : () => setChosen(undefined)} className="-ml-2">
          {WORDS.back}
        </Button>
        <h1 id="connect-title" ref={heading} tabIndex={-1} className="text-xl font-semibold tracking-tight outline-none">
          {STEP.title}
        </h1>
        {tile === undefined && <p className="text-m text-soft">{STEP.lead}</p>}
      </header>
      {settings.isPending && <Skeleton lines={5} />}
      {settings.isError && <ErrorNote message={STEP.failed} hint={asApiError(settings.error).hint} onRetry={() => void settings.refetch()} />}
      {settings.data !== undefined && tile === undefined && <Tiles tiles={tiles} onChoose={setChosen} onAgain={again} busy={models.isFetching} />}
      {settings.data !== undefined && tile !== undefined && (
        <ProviderStep
          key={tile.name}
          tile={tile}
          taken={settings.data.providers.map((it) => it.name)}
          keyPlace={settings.data.key_place}
          onAgain={again}
          onDone={onDone}
        />
      )}
    </section>
  )
}

interface TilesProps {
  readonly tiles: readonly Tile[]
  readonly onChoose: (name: string) => void
  readonly onAgain: () => void
  readonly busy: boolean
}

function Tiles({ tiles, onChoose, onAgain, busy }: TilesProps) {
  return (
    <>
      <ul aria-label={STEP.providers} className="grid gap-3 md:grid-cols-2">
        {tiles.map((tile) => (
          <li key={tile.name}>
            <TileButton tile={tile} onClick={() => onChoose(tile.name)} />
          </li>
        ))}
      </ul>
      <Button size="s" variant="quiet" icon={RotateCw} busy={busy} onClick={onAgain} className="self-start">
        {STEP.again}
      </Button>
    </>
  )
}

const SIGNS: Readonly<Record<Standing, { readonly icon: LucideIcon; readonly ink: string }>> = {
  ready: { icon: CircleCheck, ink: 'text-ok' },
  found: { icon: CircleCheck, ink: 'text-ok' },
  needs_key: { icon: KeyRound, ink: 'text-soft' },
  not_running: { icon: CircleOff, ink: 'text-faint' },
  not_ready: { icon: CircleAlert, ink: 'text-warn' },
  asking: { icon: LoaderCircle, ink: 'text-soft' },
  open: { icon: Plus, ink: 'text-soft' },
}

function TileButton({ tile, onClick }: { readonly tile: Tile; readonly onClick: () => void }) {
  const { icon: Icon, ink } = SIGNS[tile.standing]
  const known = tile.standing === 'ready' || tile.standing === 'found'
  return (
    <button
      type="button"
      onClick={onClick}
      className="flex h-full w-full items-center gap-3 rounded-m border bg-panel px-4 py-3 text-left transition-colors hover:bg-hover"
    >
      <span className="min-w-0 flex-1">
        <span className="block truncate text-m font-medium">{tile.title}</span>
        <span className={cx('flex items-center gap-1 text-s', ink)}>
          <Icon aria-hidden className={cx('size-4 shrink-0', tile.standing === 'asking' && 'animate-spin')} />
          <span className="truncate">
            {standingWord(tile.standing)}
            {known && ` · ${tile.detail}`}
          </span>
        </span>
      </span>
      <ChevronRight aria-hidden className="size-4 shrink-0 text-faint" />
    </button>
  )
}
