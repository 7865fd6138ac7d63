// Where a task stops by itself, as people type it: a whole number, or nothing for no limit.

export type LimitName = 'steps' | 'minutes' | 'tokens'

/** Where a task stops; null, or nothing, means no limit. */
export type TypedLimits = Partial<Record<LimitName, number | null>>

/** The limits as text fields; an empty field is no limit. */
export type LimitFields = Readonly<Record<LimitName, string>>

export interface ReadLimit {
  /** The limit; null means none. Meaningless where something is wrong. */
  readonly value: number | null
  /** What to do about a text that is no limit. */
  readonly wrong: string | undefined
}

/** Largest numbers the server takes: 32 bits for replies and minutes; tokens are kept well below what a number holds. */
const MOST: Readonly<Record<LimitName, number>> = { steps: 4_294_967_295, minutes: 4_294_967_295, tokens: 9_000_000_000_000_000 }

/** Digits, with or without marks between the thousands. */
const PLAIN = /^(?:\d+|\d{1,3}(?:[\s,.’'_]\d{3})+)$/

/** A number of thousands or millions, such as `200k` and `1.5M`. */
const SHORT = /^(\d+(?:\.\d+)?)\s?([km])$/i

/** Reads one typed limit. */
export function readLimit(name: LimitName, text: string): ReadLimit {
  const typed = text.trim()
  if (typed === '') return { value: null, wrong: undefined }
  const value = figure(typed)
  if (value === undefined) return { value: null, wrong: 'Write a whole number, or leave it empty for no limit.' }
  if (value < 1) return { value: null, wrong: 'At least 1. Leave it empty for no limit.' }
  if (value > MOST[name]) return { value: null, wrong: 'That number is too large.' }
  return { value, wrong: undefined }
}

/** The limits of all fields, if every field can be read. */
export function readLimits(fields: LimitFields): TypedLimits | undefined {
  const [steps, minutes, tokens] = [readLimit('steps', fields.steps), readLimit('minutes', fields.minutes), readLimit('tokens', fields.tokens)]
  if ([steps, minutes, tokens].some((one) => one.wrong !== undefined)) return undefined
  return { steps: steps.value, minutes: minutes.value, tokens: tokens.value }
}

/** A limit as text for its field. */
export function limitText(limit: number | null | undefined): string {
  return limit == null ? '' : String(limit)
}

/** Limits as texts for their fields. */
export function limitFields(limits: TypedLimits): LimitFields {
  return { steps: limitText(limits.steps), minutes: limitText(limits.minutes), tokens: limitText(limits.tokens) }
}

function figure(typed: string): number | undefined {
  if (PLAIN.test(typed)) return Number(typed.replace(/\D/g, ''))
  const [, digits, unit] = SHORT.exec(typed) ?? []
  return digits === undefined ? undefined : Math.round(Number(digits) * (unit?.toLowerCase() === 'k' ? 1000 : 1_000_000))
}
