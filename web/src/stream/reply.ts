// The reply being written. What streams in is shown at once in the place the reply will take; the event that ends the
// reply takes all of that back first and then puts the whole reply there. So the conversation is always what its events
// alone would give, and an item keeps its key from the first token to the stored reply.
import type { Block } from '@api'
import { callOf, planned } from './calls'
import type { CallBook, Group } from './calls'
import type { ItemList, Slot } from './list'
import type { Call, Item } from './shape'

type TextItem = Extract<Item, { kind: 'text' }>

/** A part of a reply: words, or calls without words between them. */
type Segment = { readonly text: string; readonly thinking: string } | { readonly calls: Call[] }

/** The blocks of a reply as they are shown. Blocks only the provider understands are not. */
export function segmentsOf(blocks: readonly Block[]): Segment[] {
  const segments: Segment[] = []
  for (const block of blocks) {
    const last = segments.at(-1)
    switch (block.type) {
      case 'text':
      case 'thinking': {
        const words = block.data.text
        if (words === '') break
        const before = last !== undefined && 'text' in last ? last : undefined
        if (before !== undefined) segments.pop()
        const { text, thinking } = before ?? { text: '', thinking: '' }
        segments.push(
          block.type === 'text' ? { text: paragraphs(text, words), thinking } : { text, thinking: paragraphs(thinking, words) },
        )
        break
      }
      case 'tool_call':
        if (last !== undefined && 'calls' in last) last.calls.push(callOf(block))
        else segments.push({ calls: [callOf(block)] })
        break
      default:
    }
  }
  return segments
}

function paragraphs(before: string, more: string): string {
  return before === '' || more === '' ? before + more : `${before}\n\n${more}`
}

/** What streamed in since the step began or was tried again. */
interface Live {
  /** Items put in at the anchor. */
  items: number
  /** Where more words go; none when a call was begun since. */
  words: Slot | undefined
  /** Pieces of words so far, for the keys. */
  wordings: number
  /** Calls items so far, for the keys. */
  groupings: number
  /** Where more calls go; none when words came since. */
  group: Group | undefined
  /** A group that stood there before, and how many calls it was lent. */
  lent: { readonly group: Group; count: number } | undefined
  begun: number
}

function nothingLive(): Live {
  return { items: 0, words: undefined, wordings: 0, groupings: 0, group: undefined, lent: undefined, begun: 0 }
}

/** The place where a step's reply appears. */
export class OpenReply {
  readonly step: number
  readonly #at: number
  readonly #turn: number
  readonly #list: ItemList
  readonly #book: CallBook
  /** Where the reply's first item goes. What came after the step began stands behind it. */
  #anchor: number
  #wordings = 0
  #groups = 0
  #live: Live | undefined
  /** Versions of the items that were taken back: an item that comes again under the same key goes on counting. */
  #versions: Map<string, number> | undefined
  #waiting = false

  constructor(list: ItemList, book: CallBook, place: { step: number; at: number; turn: number }) {
    this.#list = list
    this.#book = book
    this.step = place.step
    this.#at = place.at
    this.#turn = place.turn
    this.#anchor = list.length
  }

  /** Words stream in. */
  hear(kind: 'text' | 'thinking', piece: string): void {
    const live = (this.#live ??= nothingLive())
    const item = live.words === undefined ? undefined : this.#list.at(live.words.index)
    if (live.words !== undefined && item?.kind === 'text') {
      const { text, thinking } = item
      const more = kind === 'text' ? { text: text + piece } : { thinking: thinking + piece }
      this.#list.set(live.words, { ...item, text, thinking, ...more, version: item.version + 1 })
      return
    }
    const words = kind === 'text' ? { text: piece, thinking: '' } : { text: '', thinking: piece }
    const fresh = this.#text(live.wordings, words, true)
    live.words = this.#list.insert(this.#anchor + live.items, fresh)
    live.items += 1
    live.wordings += 1
    live.group = undefined
  }

  /** The model has begun to write a call; its input comes with the reply. */
  begin(tool: string): void {
    const live = (this.#live ??= nothingLive())
    this.#rest(live)
    const call = planned(`begun.${this.step}.${live.begun}`, tool, undefined)
    live.begun += 1
    if (live.group === undefined && live.items === 0) {
      const before = this.#before()
      if (before !== undefined) live.lent = { group: before, count: 0 }
      live.group = before
    }
    if (live.group === undefined) {
      live.group = this.#group(live.items, live.groupings, [call])
      live.items += 1
      live.groupings += 1
      return
    }
    this.#book.add(live.group, [call])
    if (live.lent?.group === live.group) live.lent.count += 1
  }

  /** Takes what streamed in out of the conversation again. */
  takeBack(): void {
    const live = this.#live
    if (live === undefined) return
    this.#versions ??= new Map()
    for (const item of this.#list.remove(this.#anchor, live.items)) {
      this.#versions.set(item.key, item.version)
      if (item.kind === 'calls') this.#book.forget(item)
    }
    if (live.lent !== undefined) this.#book.drop(live.lent.group, live.lent.count)
    this.#live = undefined
  }

  /** The request is over for now; it is made again after Resume, behind what stands there then. */
  pause(): void {
    this.takeBack()
    this.#waiting = true
  }

  resume(): void {
    if (!this.#waiting) return
    this.#waiting = false
    this.#anchor = this.#list.length
  }

  /** Puts an item that belongs to this step, such as a notice, where its reply would be. */
  place(item: Item): void {
    this.takeBack()
    this.#list.insert(this.#anchor, item)
    this.#anchor += 1
  }

  /** Puts text there that will not go on. Gives its slot. */
  placeText(text: string, thinking: string): Slot {
    const slot = this.#list.insert(this.#anchor, this.#text(0, { text, thinking }, false))
    this.#anchor += 1
    this.#wordings += 1
    return slot
  }

  /** Counts thinking that is shown with later words. */
  skipWords(): void {
    this.#wordings += 1
  }

  /** Puts calls there, into the calls that stand before them where no words are between. */
  placeCalls(calls: Call[]): void {
    const before = this.#before()
    if (before !== undefined) {
      this.#book.add(before, calls)
      return
    }
    this.#group(0, 0, calls)
    this.#anchor += 1
    this.#groups += 1
  }

  #before(): Group | undefined {
    return this.#book.groupAt(this.#anchor - 1, this.#turn)
  }

  #text(offset: number, words: { text: string; thinking: string }, streaming: boolean): TextItem {
    const key = `t${this.step}.${this.#wordings + offset}`
    const { text, thinking } = words
    return {
      kind: 'text', key, at: this.#at, turn: this.#turn, version: this.#next(key), text, thinking, streaming, answer: false,
    }
  }

  #group(offset: number, nth: number, calls: Call[]): Group {
    const key = `c${this.step}.${this.#groups + nth}`
    const item = { kind: 'calls', key, at: this.#at, turn: this.#turn, version: this.#next(key), calls } as const
    return this.#book.begin(this.#anchor + offset, item, calls)
  }

  #next(key: string): number {
    return (this.#versions?.get(key) ?? 0) + 1
  }

  /** Words do not go on once a call has begun. */
  #rest(live: Live): void {
    const { words } = live
    if (words === undefined) return
    live.words = undefined
    const item = this.#list.at(words.index)
    if (item?.kind === 'text') this.#list.set(words, { ...item, streaming: false, version: item.version + 1 })
  }
}
