// Where a model can come from, as tiles: what each provider is, how it stands, and what it needs.
import type { ProviderModels, ProviderRequest, ProviderState } from '@api'
import { modelsFound, STEP } from './words'

/** How a provider stands. */
export type Standing = 'ready' | 'found' | 'needs_key' | 'not_running' | 'not_ready' | 'asking' | 'open'

export interface Tile {
  /** The provider's name; empty for one that is still to be named. */
  readonly name: string
  readonly title: string
  readonly standing: Standing
  /** What is known of it in a few words; may be empty. */
  readonly detail: string
  readonly dialect: ProviderRequest['dialect']
  readonly address: string
}

/** The tile for a server nobody knows yet. */
export const OTHER: Tile = { name: '', title: STEP.other, standing: 'open', detail: STEP.otherSays, dialect: 'openai', address: '' }

const TITLES: Readonly<Record<string, string>> = {
  anthropic: 'Anthropic',
  openai: 'OpenAI',
  ollama: 'Ollama',
  'lm-studio': 'LM Studio',
}

const SCRIPT = 'script'
const FIRST = ['anthropic', 'openai']

/** The tiles: those that work first, then the known services, local servers, and any other. */
export function tilesOf(providers: readonly ProviderState[], asked: readonly ProviderModels[] | undefined): readonly Tile[] {
  const known = providers.filter((it) => it.name !== SCRIPT).map((it) => tileOf(it, asked))
  const rank = (tile: Tile) => {
    if (tile.standing === 'ready' || tile.standing === 'found') return 0
    return FIRST.includes(tile.name) ? 1 : 2
  }
  return [...known.sort((a, b) => rank(a) - rank(b) || place(a) - place(b)), OTHER]
}

function place(tile: Tile): number {
  const at = FIRST.indexOf(tile.name)
  return at < 0 ? FIRST.length : at
}

function tileOf(provider: ProviderState, asked: readonly ProviderModels[] | undefined): Tile {
  const { name, dialect, base_url: address } = provider
  const answer = asked?.find((it) => it.provider === name)
  return { name, title: TITLES[name] ?? name, dialect, address, ...standingOf(provider, answer, asked === undefined) }
}

function standingOf(provider: ProviderState, answer: ProviderModels | undefined, asking: boolean): Pick<Tile, 'standing' | 'detail'> {
  if (answer !== undefined && answer.unavailable == null) {
    return { standing: provider.local ? 'found' : 'ready', detail: modelsFound(answer.models.length) }
  }
  if (!provider.local && provider.key === 'none' && provider.unavailable != null) return { standing: 'needs_key', detail: '' }
  if (asking) return { standing: 'asking', detail: '' }
  return { standing: provider.local ? 'not_running' : 'not_ready', detail: answer?.unavailable ?? provider.unavailable ?? '' }
}

/** What the tile says about how the provider stands. */
export function standingWord(standing: Standing): string {
  switch (standing) {
    case 'ready':
      return STEP.ready
    case 'found':
      return STEP.found
    case 'needs_key':
      return STEP.needsKey
    case 'not_running':
      return STEP.notRunning
    case 'not_ready':
      return STEP.notReady
    case 'asking':
      return STEP.asking
    case 'open':
      return STEP.open
  }
}

/** What is typed for a provider. */
export interface Typed {
  readonly name: string
  readonly dialect: ProviderRequest['dialect']
  readonly address: string
  readonly key: string
}

/** The form as it begins for a tile. */
export function typedFor(tile: Tile): Typed {
  return { name: tile.name, dialect: tile.dialect, address: tile.address, key: '' }
}

/** What is wrong with what was typed, field by field; empty when it can be tried. */
export interface Wrong {
  readonly name?: string
  readonly address?: string
  readonly key?: string
}

/** Longest name the daemon takes, with the signs it takes. */
const NAME = /^[A-Za-z0-9._-]{1,40}$/

export function wrongIn(typed: Typed, tile: Tile, taken: readonly string[]): Wrong {
  const name = typed.name.trim()
  const address = typed.address.trim()
  return {
    ...(NAME.test(name) && name !== SCRIPT ? {} : { name: STEP.nameWrong }),
    ...(tile.name === '' && taken.includes(name) ? { name: STEP.nameTaken } : {}),
    ...(/^https?:\/\/[^\s/]/.test(address) && URL.canParse(address) ? {} : { address: STEP.addressWrong }),
    ...(tile.standing === 'needs_key' && typed.key.trim() === '' ? { key: STEP.keyMissing } : {}),
  }
}

/** The request that what was typed means; without a key the stored one stays. */
export function requestOf(typed: Typed): ProviderRequest {
  const key = typed.key.trim()
  return { dialect: typed.dialect, base_url: typed.address.trim(), ...(key === '' ? {} : { key }) }
}
