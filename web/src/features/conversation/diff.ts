// The change of an Edit or Write as lines with their numbers and signs.
import { structuredPatch } from 'diff'
import type { Call } from '@stream'
import { fields, textField } from '@lib/decode'

/** One line of a change. */
export interface DiffLine {
  readonly sign: '+' | '-' | ' '
  readonly text: string
}

export interface Change {
  /** Runs of changed lines with the lines around them. */
  readonly hunks: readonly (readonly DiffLine[])[]
  readonly added: number
  readonly removed: number
  /** Whether the old content is not known and every line counts as new. */
  readonly whole: boolean
}

/** Lines above which a change is cut; the exact input shows all of it. */
export const LONGEST_DIFF = 400

/** Milliseconds the comparison may take. */
const PATIENCE = 200

/** The change a call makes, as far as its input says; none where it is not about one. */
export function changeOf(call: Pick<Call, 'tool' | 'input'>): Change | undefined {
  if (call.tool === 'Edit') {
    const before = textField(call.input, 'old_string')
    const after = textField(call.input, 'new_string')
    return before === undefined || after === undefined ? undefined : compare(before, after)
  }
  if (call.tool === 'Write') {
    const content = fields(call.input)?.content
    return typeof content === 'string' ? written(content) : undefined
  }
  return undefined
}

/** Two texts line by line. */
export function compare(before: string, after: string): Change {
  const patch = structuredPatch('', '', ended(before), ended(after), '', '', { context: 3, timeout: PATIENCE })
  const hunks = patch === undefined ? [replaced(before, after)] : patch.hunks.map((hunk) => hunk.lines.flatMap(lineOf))
  return { hunks, added: count(hunks, '+'), removed: count(hunks, '-'), whole: false }
}

function written(content: string): Change {
  const lines = linesOf(content).map((text): DiffLine => ({ sign: '+', text }))
  return { hunks: [lines], added: lines.length, removed: 0, whole: true }
}

/** For texts too different to compare in time. */
function replaced(before: string, after: string): DiffLine[] {
  return [
    ...linesOf(before).map((text): DiffLine => ({ sign: '-', text })),
    ...linesOf(after).map((text): DiffLine => ({ sign: '+', text })),
  ]
}

function lineOf(line: string): DiffLine[] {
  const sign = line.charAt(0)
  // `\ No newline at end of file` is no line.
  return sign === '+' || sign === '-' || sign === ' ' ? [{ sign, text: line.slice(1) }] : []
}

/** Pieces of a file rarely end with a line break; that is no change. */
function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

function linesOf(text: string): string[] {
  if (text === '') return []
  return ended(text).slice(0, -1).split('\n')
}

function count(hunks: readonly (readonly DiffLine[])[], sign: '+' | '-'): number {
  return hunks.reduce((sum, hunk) => sum + hunk.filter((line) => line.sign === sign).length, 0)
}
