// From what stands in a question card to the answer that is sent.
import type { Question, QuestionAnswer } from '@api'

/** The choice that stands for the reader's own words; no label of a model can be this. */
export const OTHER = '\u0000other'

/** What is chosen and written so far. */
export interface Draft {
  readonly chosen: readonly string[]
  readonly other: string
}

/** Whether the own words count: where there are no choices, and where Other is chosen. */
function ownWords(question: Question, draft: Draft): string | undefined {
  const count = question.choices.length === 0 || draft.chosen.includes(OTHER)
  return count ? draft.other.trim() : undefined
}

/** Whether a question has its answer. */
export function isAnswered(question: Question, draft: Draft | undefined): boolean {
  if (draft === undefined) return false
  const own = ownWords(question, draft)
  // Other without words is no answer, even beside a choice.
  return own === undefined ? draft.chosen.length > 0 : own !== ''
}

/** The answer to a question. */
export function answerOf(question: Question, draft: Draft | undefined): QuestionAnswer {
  if (draft === undefined) return { chosen: [], other: null }
  const labels = question.choices.map((choice) => choice.label)
  const own = ownWords(question, draft)
  return { chosen: labels.filter((label) => draft.chosen.includes(label)), other: own === undefined || own === '' ? null : own }
}
