// What is said of a provider, and what may be typed for one. Pure: no component, no request.
import type { ProviderModels, ProviderRequest, ProviderState } from '@api'
import { words } from './words'

/** Longest name the server takes. */
const NAME_MOST = 40

export type Standing = 'ready' | 'found' | 'not_running' | 'no_key' | 'not_ready' | 'checking' | 'unknown'

export interface ProviderLine {
  readonly standing: Standing
  readonly word: string
  /** What the server said of it; empty where there is nothing to say. */
  readonly detail: string
  /** The one next step; empty where none is needed. */
  readonly next: string
}

/** A provider's name for people. */
export function shownName(name: string): string {
  const known: Readonly<Record<string, string>> = words.providers.names
  return known[name] ?? name
}

/** How a provider stands: from what is known without asking, and from what it answered. */
export function standingOf(provider: ProviderState, asked: ProviderModels | undefined, asking: boolean): ProviderLine {
  const text = words.providers
  if (asked !== undefined && asked.unavailable == null) {
    const word = provider.local ? text.found : text.ready
    return { standing: provider.local ? 'found' : 'ready', word, detail: text.models(asked.models.length), next: '' }
  }
  const why = asked?.unavailable ?? provider.unavailable ?? ''
  if (provider.unavailable != null && provider.key === 'none' && !provider.local) {
    const variable = /^(\w+) is not set$/.exec(why)?.[1]
    return { standing: 'no_key', word: text.noKey, detail: '', next: variable === undefined ? text.next.key : text.next.keyOr(variable) }
  }
  if (asked === undefined) {
    return asking
      ? { standing: 'checking', word: text.checking, detail: '', next: '' }
      : { standing: 'unknown', word: text.unknown, detail: why, next: '' }
  }
  if (provider.local) {
    return { standing: 'not_running', word: text.notRunning, detail: '', next: text.next.start(shownName(provider.name)) }
  }
  return { standing: 'not_ready', word: text.notReady, detail: why, next: text.next.other }
}

/** What a person types for a provider. */
export interface ProviderDraft {
  readonly name: string
  readonly dialect: ProviderRequest['dialect']
  readonly address: string
  readonly key: string
  readonly forgetKey: boolean
}

/** An empty draft, or one filled with what is stored. */
export function draftOf(provider: ProviderState | undefined): ProviderDraft {
  return {
    name: provider?.name ?? '',
    dialect: provider?.dialect ?? 'openai',
    address: provider?.base_url ?? '',
    key: '',
    forgetKey: false,
  }
}

/** What is wrong with a name; none where it can be used. `taken` are the names of other providers. */
export function wrongName(name: string, taken: readonly string[]): string | undefined {
  const wrong = words.form.wrong
  if (name === '') return wrong.nameMissing
  if (name.length > NAME_MOST) return wrong.nameLong
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return wrong.nameLetters
  if (name === 'script') return wrong.nameScript
  return taken.includes(name) ? wrong.nameTaken : undefined
}

/** What is wrong with an address; none where it can be used. */
export function wrongAddress(address: string): string | undefined {
  const wrong = words.form.wrong
  if (address.trim() === '') return wrong.addressMissing
  return /^https?:\/\/[^\s/]/.test(address.trim()) && URL.canParse(address.trim()) ? undefined : wrong.addressForm
}

/** The request a draft means: no key keeps the stored one, an empty key removes it. */
export function requestOf(draft: ProviderDraft): ProviderRequest {
  const key = draft.key.trim()
  return {
    dialect: draft.dialect,
    base_url: draft.address.trim(),
    ...(key !== '' ? { key } : draft.forgetKey ? { key: '' } : {}),
  }
}
