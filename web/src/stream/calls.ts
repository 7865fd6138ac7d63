// Tool calls by their ids: from being asked for by the model to what they did. A calls item holds many; within one batch
// its list is changed in place, so that a task with ten thousand calls in a row folds in linear time.
import type { Block, Change, Part, Effect, Outcome } from '@api'
import type { ItemList, Slot } from './list'
import type { Call, Item } from './shape'

type CallsItem = Extract<Item, { kind: 'calls' }>

/** A calls item under construction. */
export interface Group {
  readonly slot: Slot
  calls: Call[]
  /** The batch in which `calls` became ours alone. */
  batch: number
}

/** A call that is still ours alone. */
type Draft = { -readonly [K in keyof Call]: Call[K] }

interface Place {
  readonly group: Group
  readonly index: number
  /** The batch in which `draft` was made. */
  batch: number
  draft: Draft
}

/** Characters of a running command's output that are kept; the end is what matters. */
const MOST_LIVE = 200_000

/** A call nobody has started yet. */
export function planned(id: string, tool: string, input: unknown): Call {
  return {
    id, tool, input, effects: [], state: 'planned', output: [], live: '', ms: undefined, startedAt: undefined, changes: [], moreChanges: 0,
  }
}

/** The call of a block. */
export function callOf(block: Extract<Block, { type: 'tool_call' }>): Call {
  return planned(block.data.id, block.data.tool, block.data.input)
}

/** Where each call stands. */
export class CallBook {
  readonly #list: ItemList
  readonly #groups = new Map<string, Group>()
  readonly #places = new Map<string, Place>()
  /** Calls that have not ended, by id. */
  readonly #open = new Set<string>()

  constructor(list: ItemList) {
    this.#list = list
  }

  /** Makes a calls item, its calls in a list that is nobody else's, before the item at `index`. */
  begin(index: number, item: CallsItem, calls: Call[]): Group {
    const group: Group = { slot: this.#list.insert(index, item), calls, batch: this.#list.batch }
    this.#groups.set(item.key, group)
    for (let at = 0; at < calls.length; at += 1) {
      const call = calls[at]
      if (call !== undefined) this.#register(call, group, at)
    }
    return group
  }

  /** The group whose item stands at `index`, if a calls item of this turn stands there. */
  groupAt(index: number, turn: number): Group | undefined {
    const item = this.#list.at(index)
    return item?.kind === 'calls' && item.turn === turn ? this.#groups.get(item.key) : undefined
  }

  /** Adds calls to a group. */
  add(group: Group, calls: readonly Call[]): void {
    this.#own(group)
    for (const call of calls) {
      this.#register(call, group, group.calls.length)
      group.calls.push(call)
    }
  }

  /** Takes the last `count` calls, which were only begun, out of a group again. */
  drop(group: Group, count: number): void {
    this.#own(group)
    for (const call of group.calls.splice(group.calls.length - count, count)) this.#forget(call.id)
  }

  /** Forgets a calls item that was taken out of the list. */
  forget(item: CallsItem): void {
    this.#groups.delete(item.key)
    for (const call of item.calls) this.#forget(call.id)
  }

  has(id: string): boolean {
    return this.#places.has(id)
  }

  /** It waits for the user. */
  wait(id: string): void {
    const call = this.#draft(id)
    if (call !== undefined) call.state = 'waiting'
  }

  /** The user has answered. */
  goOn(id: string): void {
    const call = this.#draft(id)
    if (call?.state === 'waiting') call.state = call.startedAt === undefined ? 'planned' : 'running'
  }

  start(id: string, at: number, effects: readonly Effect[]): void {
    const call = this.#draft(id)
    if (call === undefined) return
    call.state = 'running'
    call.startedAt = at
    call.effects = effects
  }

  /** A running command says more. */
  hear(id: string, text: string): void {
    const call = this.#open.has(id) ? this.#draft(id) : undefined
    if (call === undefined) return
    const live = call.live + text
    call.live = live.length > MOST_LIVE ? live.slice(-MOST_LIVE) : live
  }

  /** What running commands said so far will be told again. */
  hush(): void {
    for (const id of this.#open) {
      const place = this.#places.get(id)
      if (place?.group.calls[place.index]?.live === '') continue
      const call = this.#draft(id)
      if (call !== undefined) call.live = ''
    }
  }

  finish(id: string, outcome: Outcome, output: readonly Part[], ms: number): void {
    this.#open.delete(id)
    const call = this.#draft(id)
    if (call === undefined) return
    call.state = outcome
    call.output = output
    call.ms = ms
    call.live = ''
  }

  /** Files it changed; `more` is how many beyond those that are named. */
  change(id: string, changes: readonly Change[], more: number): void {
    const call = this.#draft(id)
    if (call === undefined) return
    call.changes = [...call.changes, ...changes]
    call.moreChanges += more
  }

  /** Nothing goes on after the end of a turn. */
  endAll(): void {
    for (const id of this.#open) {
      const call = this.#draft(id)
      if (call === undefined) continue
      call.state = 'stopped'
      call.live = ''
    }
    this.#open.clear()
  }

  #register(call: Call, group: Group, index: number): void {
    // Made just now: nobody else has it yet.
    this.#places.set(call.id, { group, index, batch: this.#list.batch, draft: call })
    this.#open.add(call.id)
  }

  #forget(id: string): void {
    this.#places.delete(id)
    this.#open.delete(id)
  }

  /** A call to change: a copy of its own, once a batch, that nobody else has seen. */
  #draft(id: string): Draft | undefined {
    const place = this.#places.get(id)
    const call = place?.group.calls[place.index]
    if (place === undefined || call === undefined) return undefined
    this.#own(place.group)
    if (place.batch !== this.#list.batch) {
      place.batch = this.#list.batch
      place.draft = { ...call }
      place.group.calls[place.index] = place.draft
    }
    return place.draft
  }

  /** Makes the list of a group ours alone, once a batch, and tells that the item changed. */
  #own(group: Group): void {
    if (group.batch === this.#list.batch) return
    group.batch = this.#list.batch
    const item = this.#list.at(group.slot.index)
    if (item?.kind !== 'calls') return
    group.calls = group.calls.slice()
    this.#list.set(group.slot, { ...item, calls: group.calls, version: item.version + 1 })
  }
}
