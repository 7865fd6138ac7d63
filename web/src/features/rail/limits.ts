// Where a task stops by itself: reading what was typed, and how full a limit is.
import type { Limits, Usage } from '@api'

/** The limits as text fields; an empty field is no limit. */
export interface LimitFields {
  readonly steps: string
  readonly tokens: string
  readonly minutes: string
}

export function limitFields(limits: Limits): LimitFields {
  const text = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value))
  return { steps: text(limits.steps), tokens: text(limits.tokens), minutes: text(limits.minutes) }
}

/** A whole number of at least 1, `null` for an empty field, nothing for anything else. Spaces, `k` and `M` are understood. */
export function limitOf(text: string): number | null | undefined {
  const plain = text.replace(/[\s,_']/g, '')
  if (plain === '') return null
  const found = /^(\d+(?:\.\d+)?)([kKmM]?)$/.exec(plain)
  if (found === null) return undefined
  const unit = (found[2] ?? '').toLowerCase()
  const value = Math.round(Number(found[1]) * (unit === 'k' ? 1000 : unit === 'm' ? 1_000_000 : 1))
  return value >= 1 && value <= 4_294_967_295 ? value : undefined
}

/** The limits of the fields, if every field can be read. */
export function limitsOf(fields: LimitFields): Limits | undefined {
  const steps = limitOf(fields.steps)
  const tokens = limitOf(fields.tokens)
  const minutes = limitOf(fields.minutes)
  if (steps === undefined || tokens === undefined || minutes === undefined) return undefined
  return { steps, tokens, minutes }
}

/** Tokens that count towards the limit: everything read and written. */
export function tokensUsed(usage: Usage): number {
  return usage.input + usage.output + (usage.cache_read ?? 0) + (usage.cache_write ?? 0)
}

/** Milliseconds from the start of each turn to its end; one that is open counts until now. */
export function worked(turns: readonly { readonly startedAt: number; readonly endedAt: number | undefined }[], now: number): number {
  return turns.reduce((sum, turn) => sum + Math.max((turn.endedAt ?? now) - turn.startedAt, 0), 0)
}
