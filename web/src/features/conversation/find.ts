// Looking for words in everything a conversation holds, also in what is folded away.
import type { Call, Item, Notice } from '@stream'
import { exactInput, outputText } from './calls'

/** Where a hit is. */
export interface Hit {
  /** The item's place in the conversation and its key. */
  readonly index: number
  readonly key: string
  /** The call it is in; none where the item has no calls. */
  readonly call: string | undefined
  /** Which hit of its item, or of its call, this is, from 0, in reading order. */
  readonly nth: number
}

/** More hits than these are not counted. */
export const MOST_HITS = 5000

/** The texts of an item, each with the call it belongs to, in the order they are shown. */
export function textsOf(item: Item): readonly { readonly text: string; readonly call: string | undefined }[] {
  const plain = (...texts: readonly string[]) => texts.map((text) => ({ text, call: undefined }))
  switch (item.kind) {
    case 'prompt':
      return plain(item.text, ...item.attachments.map((file) => file.name))
    case 'text':
      return plain(item.thinking, item.text)
    case 'calls':
      return item.calls.flatMap((call) => callTexts(call).map((text) => ({ text, call: call.id })))
    case 'approval':
      return plain(exactInput(item.approval.tool, item.approval.input))
    case 'question':
      return plain(
        ...item.questions.flatMap((question) => [question.text, ...question.choices.flatMap((choice) => [choice.label, choice.description])]),
        ...(item.answers ?? []).flatMap((answer) => answer.other ?? []),
      )
    case 'outputs':
      return plain(...item.files.flatMap((file) => [file.title, file.path]))
    case 'notice':
      // Its values are shown as code, without their backticks.
      return plain(...noticeTexts(item.notice).map((text) => text.replaceAll('`', '')))
  }
}

function callTexts(call: Call): string[] {
  return [exactInput(call.tool, call.input), outputText(call)]
}

function noticeTexts(notice: Notice): string[] {
  switch (notice.what) {
    case 'paused':
    case 'failed':
      return [notice.message, notice.hint]
    case 'retry':
    case 'cut':
      return [notice.reason]
    case 'withdrawn':
      return [notice.tool, notice.reason, notice.hint]
    case 'undone':
      return notice.changes.map((change) => change.path)
    case 'resumed':
    case 'stopped':
    case 'compacted':
    case 'mended':
      return []
    case 'folder_added':
    case 'folder_removed':
    case 'mode':
    case 'model':
    case 'effort':
    case 'limits':
    case 'instructions':
    case 'pinned':
    case 'unpinned':
    case 'granted':
    case 'revoked':
      return [notice.about]
  }
}

/** A pattern that finds the words as they are typed, whatever their case. */
export function pattern(query: string): RegExp | undefined {
  const trimmed = query.trim()
  if (trimmed === '') return undefined
  return new RegExp(trimmed.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+'), 'giu')
}

/** Every hit in a conversation, from its beginning. */
export function find(items: readonly Item[], query: string): Hit[] {
  const wanted = pattern(query)
  if (wanted === undefined) return []
  const hits: Hit[] = []
  for (const [index, item] of items.entries()) {
    let nth = 0
    let within: string | undefined
    for (const { text, call } of textsOf(item)) {
      if (call !== within) nth = 0
      within = call
      wanted.lastIndex = 0
      while (text !== '' && wanted.exec(text) !== null) {
        hits.push({ index, key: item.key, call, nth })
        nth += 1
        if (hits.length >= MOST_HITS) return hits
      }
    }
  }
  return hits
}
