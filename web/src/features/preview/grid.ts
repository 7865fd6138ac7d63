// Tables as they are shown: one header, rows of plain text, widths that fit. A formula is only text.
import Papa from 'papaparse'

/** A table ready for showing. */
export interface Grid {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Columns there are; more than `header` holds where they were too many to show. */
  readonly columns: number
  /** Which columns hold figures and are set to the right. */
  readonly figures: readonly boolean[]
  /** Width of each column in characters. */
  readonly widths: readonly number[]
}

/** Columns shown of a table. */
export const MOST_COLUMNS = 200
/** Rows looked at to find widths and figures. */
const SAMPLE = 300
const NARROWEST = 6
const WIDEST = 48

/** Parses comma, semicolon or tab separated text; the separator is found out from the text. */
export function gridOfText(text: string, separator?: string): Grid {
  const parsed = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), {
    skipEmptyLines: 'greedy',
    ...(separator === undefined ? {} : { delimiter: separator }),
  })
  return gridOf(parsed.data)
}

/** Shapes rows into a table; the first row is the header. */
export function gridOf(rows: readonly (readonly string[])[]): Grid {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const shown = Math.min(columns, MOST_COLUMNS)
  const [first, ...body] = rows
  const header = Array.from({ length: shown }, (_, at) => first?.[at]?.trim() || letters(at))
  const sample = body.slice(0, SAMPLE)
  return {
    header,
    rows: body,
    columns,
    figures: header.map((_, at) => isFigures(sample, at)),
    widths: header.map((name, at) => width(name, sample, at)),
  }
}

/** `A` … `Z`, `AA` …: what a spreadsheet calls a column, counted from 0. */
export function letters(at: number): string {
  let name = ''
  for (let left = at + 1; left > 0; left = Math.floor((left - 1) / 26)) {
    name = String.fromCharCode(65 + ((left - 1) % 26)) + name
  }
  return name
}

function isFigures(rows: readonly (readonly string[])[], at: number): boolean {
  const filled = rows.map((row) => (row[at] ?? '').trim()).filter((cell) => cell !== '')
  return filled.length > 0 && filled.every((cell) => /^[-+]?[\p{Sc}]?\s?[\d.,\u202f\u00a0' ]*\d[\d.,]*\s?[%\p{Sc}]?$/u.test(cell))
}

function width(name: string, rows: readonly (readonly string[])[], at: number): number {
  // The header is set in bold, which takes more room.
  const longest = rows.reduce((most, row) => Math.max(most, (row[at] ?? '').length), name.length + 2)
  return Math.min(Math.max(longest, NARROWEST), WIDEST)
}

/** A cell of a workbook as text. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return dateText(value)
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  return typeof value === 'string' ? value : ''
}

/** Spreadsheets keep dates without a zone; they are read as UTC. */
function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) return ''
  const text = date.toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ')
}

/** Without the noise of binary fractions: 0.1 + 0.2 is 0.3. */
function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(12)))
}
