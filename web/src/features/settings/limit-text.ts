// Limits as they are typed: a whole number, or nothing for no limit.
import { words } from './words'

export interface ReadLimit {
  /** The limit; null means none. Meaningless where something is wrong. */
  readonly value: number | null
  readonly wrong: string | undefined
}

/** Largest numbers the server takes: 32 bits for replies and minutes; tokens are kept well below what a number holds. */
export const MOST = { steps: 4_294_967_295, minutes: 4_294_967_295, tokens: 9_000_000_000_000_000 } as const

/** Reads a typed limit. Spaces and commas between digits are what people write. */
export function readLimit(text: string, most: number): ReadLimit {
  const plain = text.replace(/[\s,'’_]/g, '')
  if (plain === '') return { value: null, wrong: undefined }
  if (!/^\d+$/.test(plain)) return { value: null, wrong: words.limits.wrong.number }
  const value = Number(plain)
  if (value < 1) return { value: null, wrong: words.limits.wrong.small }
  if (value > most) return { value: null, wrong: words.limits.wrong.large }
  return { value, wrong: undefined }
}

/** A limit as text for its field. */
export function limitText(limit: number | null | undefined): string {
  return limit == null ? '' : String(limit)
}
