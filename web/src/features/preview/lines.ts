// Text as numbered lines. A line of enormous length is folded into pieces, so that no single row grows without end.

/** One row on the screen. */
export interface Line {
  /** Number of the line, from 1; none where the row continues the one above. */
  readonly number: number | undefined
  readonly text: string
}

const LONGEST = 4000

/** The rows of a text. */
export function linesOf(text: string): readonly Line[] {
  const rows: Line[] = []
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.length > 1 && lines[lines.length - 1] === '') lines.pop()
  lines.forEach((line, at) => {
    rows.push({ number: at + 1, text: line.slice(0, LONGEST) })
    for (let from = LONGEST; from < line.length; from += LONGEST) {
      rows.push({ number: undefined, text: line.slice(from, from + LONGEST) })
    }
  })
  return rows
}
