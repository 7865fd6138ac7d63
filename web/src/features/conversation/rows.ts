// How the conversation is laid out as rows: where a day begins, where a turn ends, how high a row will be.
import type { Item } from '@stream'

/** Whether an item begins another day than the one before it. The first one says its day only if that is not today. */
export function beginsDay(items: readonly Item[], index: number, now: number): boolean {
  const item = items[index]
  if (item === undefined) return false
  const before = items[index - 1]
  return dayOf(item.at) !== dayOf(before?.at ?? now)
}

function dayOf(at: number): string {
  return new Date(at).toDateString()
}

/** Whether an item is the last one of its turn so far. */
export function endsTurn(items: readonly Item[], index: number): boolean {
  const item = items[index]
  return item !== undefined && items[index + 1]?.turn !== item.turn
}

const SETTINGS = new Set<string>([
  'folder_added', 'folder_removed', 'mode', 'model', 'effort', 'limits', 'instructions', 'pinned', 'unpinned', 'granted', 'revoked',
])

/** The last item that is more than a changed setting; its next step still makes sense. */
export function lastDoing(items: readonly Item[]): number {
  return items.findLastIndex((item) => item.kind !== 'notice' || !SETTINGS.has(item.notice.what))
}

/** The first item that waits for an answer, or -1. */
export function firstWaiting(items: readonly Item[]): number {
  return items.findIndex(
    (item) =>
      (item.kind === 'approval' && item.answer === undefined && !item.moot) ||
      (item.kind === 'question' && item.answers === undefined && !item.moot),
  )
}

/** Characters in a line of the column. */
const LINE = 84

/** A guess at the height of a row in pixels, before it was ever drawn. */
export function guessedHeight(item: Item | undefined): number {
  switch (item?.kind) {
    case undefined:
      return 40
    case 'prompt':
      return 80 + 24 * lines(item.text, LINE * 0.8)
    case 'text':
      return (item.answer ? 36 : 8) + (item.thinking === '' ? 0 : 28) + 26 * lines(item.text, LINE)
    case 'calls':
      return item.calls.some((call) => call.state === 'running') ? 48 : 24
    case 'approval':
      return item.answer === undefined && !item.moot ? 260 : 24
    case 'question':
      return item.answers === undefined && !item.moot ? 120 + 240 * item.questions.length : 24
    case 'outputs':
      return 84 * item.files.length
    case 'notice':
      return item.notice.what === 'failed' || item.notice.what === 'paused' ? 100 : 24
  }
}

function lines(text: string, width: number): number {
  let count = 0
  let from = 0
  while (from <= text.length && count < 400) {
    const end = text.indexOf('\n', from)
    const stop = end < 0 ? text.length : end
    count += Math.max(1, Math.ceil((stop - from) / width))
    if (end < 0) break
    from = end + 1
  }
  return count
}
