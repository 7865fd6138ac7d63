// What is half written into the cards of a task that wait for an answer. This browser keeps it until they are answered.
import { fields, type Fields } from '@lib/decode'
import { keep, kept } from '@lib/storage'

function nameOf(task: string): string {
  return `cards.${task}`
}

function cardsOf(task: string): Fields {
  return fields(kept<unknown>(nameOf(task), undefined)) ?? {}
}

function keepCards(task: string, cards: Fields): void {
  keep(nameOf(task), Object.keys(cards).length === 0 ? undefined : cards)
}

/** What was put into a field of a card, whatever it is. */
export function readHalf(task: string, card: string, field: string): unknown {
  return fields(cardsOf(task)[card])?.[field]
}

/** Keeps what a field of a card holds; an empty one leaves nothing behind. */
export function writeHalf(task: string, card: string, field: string, value: unknown): void {
  const { [card]: before, ...others } = cardsOf(task)
  const rest = Object.entries(fields(before) ?? {}).filter(([name]) => name !== field)
  const empty = value === '' || (Array.isArray(value) && value.length === 0)
  const now = Object.fromEntries(empty ? rest : [...rest, [field, value]])
  keepCards(task, Object.keys(now).length === 0 ? others : { ...others, [card]: now })
}

/** Forgets every card of a task that does not wait any more. */
export function keepOnly(task: string, waiting: readonly string[]): void {
  const cards = Object.entries(cardsOf(task))
  const left = cards.filter(([card]) => waiting.includes(card))
  if (left.length < cards.length) keepCards(task, Object.fromEntries(left))
}

/** A kept value as a text; empty where it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

const NONE: readonly string[] = []

/** A kept value as texts; none where it is something else. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : NONE
}
