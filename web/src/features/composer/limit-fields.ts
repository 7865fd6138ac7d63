// Limits as they are typed.

/** A limit as text; empty for none. */
export function limitText(limit: number | null | undefined): string {
  return limit == null ? '' : String(limit)
}

/** A whole number, with or without marks between the thousands. */
const FIGURE = /^(?:\d{1,12}|\d{1,3}(?:[\s,.’'_]\d{3}){1,3})$/

/** The limit a text means: none for an empty one. */
export function limitFrom(text: string): number | null | 'wrong' {
  const typed = text.trim()
  if (typed === '') return null
  const figure = FIGURE.test(typed) ? Number(typed.replace(/\D/g, '')) : 0
  return figure > 0 ? figure : 'wrong'
}
