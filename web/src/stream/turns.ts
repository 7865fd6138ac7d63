// One line of facts for each turn.
import type { Change, Usage } from '@api'
import type { TurnFacts } from './shape'
import { added } from './view'

const NOTHING: Usage = { input: 0, output: 0, cache_read: 0, cache_write: 0 }

/** A turn that is still ours alone. */
type Draft = { -readonly [K in keyof TurnFacts]: TurnFacts[K] }

/** The turns in order. */
export class TurnBook {
  #turns: TurnFacts[] = []
  #last: Draft | undefined
  #handedOut = false
  #paths = new Set<string>()

  /** The turns for others to keep; the same array as before where nothing changed. */
  handOut(): readonly TurnFacts[] {
    this.#handedOut = true
    return this.#turns
  }

  start(turn: number, at: number): void {
    this.#own()
    this.#paths = new Set()
    this.#last = { turn, startedAt: at, endedAt: undefined, changed: 0, usage: NOTHING }
    this.#turns.push(this.#last)
  }

  end(at: number): void {
    const turn = this.#draft()
    if (turn !== undefined) turn.endedAt = at
  }

  use(usage: Usage): void {
    const turn = this.#draft()
    if (turn !== undefined) turn.usage = added(turn.usage, usage)
  }

  /** Files changed in the turn under way; each path counts once. */
  note(changes: readonly Change[]): void {
    for (const change of changes) this.#paths.add(change.path)
    const turn = this.#draft()
    if (turn !== undefined) turn.changed = this.#paths.size
  }

  /** The last turn, to change: a copy of its own where it was handed out. */
  #draft(): Draft | undefined {
    if (this.#last === undefined || !this.#handedOut) return this.#last
    this.#own()
    this.#last = { ...this.#last }
    this.#turns[this.#turns.length - 1] = this.#last
    return this.#last
  }

  #own(): void {
    if (!this.#handedOut) return
    this.#turns = this.#turns.slice()
    this.#handedOut = false
  }
}
