// Models as they are chosen: grouped by provider, searched, with their efforts; and the choice this browser remembers.
import { textField } from '@lib/decode'
import { keep, kept } from '@lib/storage'
import type { ModelOffer, ProviderModels } from '@api'

/** The provider of Scripts: they are for tests and examples and stand in no list. */
const SCRIPT = 'script'

const TITLES: Readonly<Record<string, string>> = {
  anthropic: 'Anthropic',
  openai: 'OpenAI',
  ollama: 'Ollama',
  'lm-studio': 'LM Studio',
}

/** A provider as people know it. */
export function providerTitle(provider: string): string {
  return TITLES[provider] ?? provider
}

/** The provider of a model. */
export function providerOf(model: string): string {
  return model.split('/', 1)[0] ?? model
}

/** Whether a model is a Script. */
export function isScript(model: string): boolean {
  return providerOf(model) === SCRIPT
}

/** The model's own name, without its provider. */
export function bareName(model: string): string {
  const slash = model.indexOf('/')
  return slash < 0 ? model : model.slice(slash + 1)
}

/** The models that fit the words typed, by provider; those that can be used come first. */
export function grouped(providers: readonly ProviderModels[], query: string): readonly ProviderModels[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter((word) => word !== '')
  const fits = (model: ModelOffer) => {
    const about = `${model.title} ${model.name}`.toLowerCase()
    return words.every((word) => about.includes(word))
  }
  const usable = providers.filter((it) => it.provider !== SCRIPT && it.unavailable == null)
  const found = usable.map((it) => ({ ...it, models: it.models.filter(fits) })).filter((it) => it.models.length > 0)
  const closed = providers.filter((it) => it.provider !== SCRIPT && it.unavailable != null)
  return words.length === 0 ? [...found, ...closed] : found
}

/** How many models can be chosen. */
export function countModels(providers: readonly ProviderModels[]): number {
  return grouped(providers, '').reduce((sum, it) => sum + (it.unavailable == null ? it.models.length : 0), 0)
}

/** The offer of a model, where there is one now. */
export function offerOf(providers: readonly ProviderModels[], model: string): ModelOffer | undefined {
  return providers.flatMap((it) => it.models).find((offer) => offer.name === model)
}

/** Why a model cannot be used now, as far as its provider says. */
export function unavailableBecause(providers: readonly ProviderModels[], model: string): string | undefined {
  return providers.find((it) => it.provider === providerOf(model))?.unavailable ?? undefined
}

/** What can be typed where no list names it: `provider/model` of a provider that is there. */
export function typedModel(providers: readonly ProviderModels[], query: string): string | undefined {
  const name = query.trim()
  const known = providers.some((it) => it.provider === providerOf(name) && it.unavailable == null)
  return known && !isScript(name) && /^[^/\s]+\/\S+$/.test(name) ? name : undefined
}

/** A model with how hard it tries. */
export interface ModelChoice {
  readonly model: string | undefined
  readonly effort: string | undefined
}

/** What the settings and the providers say about models. */
export interface ModelWorld {
  readonly providers: readonly ProviderModels[]
  readonly usual: string | undefined
}

/** The model a new task gets: the one picked, else the last one, else the settings', else the first on offer. */
export function startingModel(picked: string | undefined, last: string | undefined, world: ModelWorld): string | undefined {
  const stillThere = last !== undefined && (world.providers.length === 0 || offerOf(world.providers, last) !== undefined)
  return picked ?? (stillThere ? last : undefined) ?? world.usual ?? firstOnOffer(world.providers)
}

/** The first model of the first provider that can be used. */
function firstOnOffer(providers: readonly ProviderModels[]): string | undefined {
  return grouped(providers, '').find((it) => it.unavailable == null)?.models[0]?.name
}

const NAME = 'model'

/** The model chosen last in this browser. */
export function lastChoice(): ModelChoice {
  const found = kept<unknown>(NAME, undefined)
  return { model: textField(found, 'model'), effort: textField(found, 'effort') }
}

/** Remembers a choice. */
export function rememberChoice(choice: ModelChoice): void {
  if (choice.model !== undefined && !isScript(choice.model)) keep(NAME, choice)
}
