// How much of a long text is shown before the reader asks for all of it.

/** A text of so many lines and characters is shown whole, in a box that scrolls. */
const WHOLE = 200
const CHARACTERS = 8000
/** Lines shown of a longer one. */
const LINES = 100

/** The beginning of a text that is worth showing at once, or all of it where little is left. */
export function beginning(text: string): string {
  const lines = text.split('\n', WHOLE + 1)
  const cut = lines.length > WHOLE ? lines.slice(0, LINES).join('\n') : text
  return cut.length > CHARACTERS + 400 ? cut.slice(0, CHARACTERS) : cut
}
