// The conversation as a list that is cheap to grow, to change anywhere and to hand out: what was handed out keeps its
// identity until something is added or removed, and a slot knows where its item stands whatever happens around it.
import type { Item } from './shape'

/** Where an item stands now. */
export interface Slot {
  index: number
}

/** Items in order, with a slot for each. */
export class ItemList {
  #items: Item[] = []
  #slots: Slot[] = []
  #handedOut = false
  #batch = 1

  get length(): number {
    return this.#items.length
  }

  /** Grows each time the list is handed out: what was made since then is still nobody else's. */
  get batch(): number {
    return this.#batch
  }

  at(index: number): Item | undefined {
    return this.#items[index]
  }

  slotAt(index: number): Slot | undefined {
    return this.#slots[index]
  }

  /** The items for others to keep: the same array as before where nothing was added or removed since. */
  handOut(): readonly Item[] {
    this.#handedOut = true
    this.#batch += 1
    return this.#items
  }

  /** Puts an item before the one that stands at `index`; at the end where there is none. */
  insert(index: number, item: Item): Slot {
    this.#own()
    const slot: Slot = { index }
    if (index >= this.#items.length) {
      slot.index = this.#items.length
      this.#items.push(item)
      this.#slots.push(slot)
      return slot
    }
    this.#items.splice(index, 0, item)
    this.#slots.splice(index, 0, slot)
    this.#count(index + 1)
    return slot
  }

  push(item: Item): Slot {
    return this.insert(this.#items.length, item)
  }

  /** Puts a changed item where the old one stood. */
  set(slot: Slot, item: Item): void {
    this.#items[slot.index] = item
  }

  /** Takes `count` items out from `index` on and gives them. */
  remove(index: number, count: number): Item[] {
    if (count === 0) return []
    this.#own()
    this.#slots.splice(index, count)
    const removed = this.#items.splice(index, count)
    this.#count(index)
    return removed
  }

  /** An array that was handed out is not changed in length. */
  #own(): void {
    if (!this.#handedOut) return
    this.#items = this.#items.slice()
    this.#handedOut = false
  }

  #count(from: number): void {
    for (let index = from; index < this.#slots.length; index += 1) {
      const slot = this.#slots[index]
      if (slot !== undefined) slot.index = index
    }
  }
}
