// Approvals and questions: waiting, answered, or of no more use.
import type { Answer, Approval, Question, QuestionAnswer } from '@api'
import type { ItemList, Slot } from './list'
import type { Item } from './shape'

type Asked = Extract<Item, { kind: 'approval' | 'question' }>
type Placed = Pick<Item, 'at' | 'turn'>

/** What was asked of the user. */
export class AskedList {
  readonly #list: ItemList
  /** Everything that waits, by its id. */
  readonly #waiting = new Map<string, { readonly slot: Slot; readonly call: string }>()

  constructor(list: ItemList) {
    this.#list = list
  }

  ask(approval: Approval, placed: Placed): void {
    // Asked again for the same call before it runs: only the newest counts. A running call may wait for several answers.
    if (approval.running !== true) this.callEnded(approval.call)
    const key = `a:${approval.id}`
    this.#add(approval.id, approval.call, { kind: 'approval', key, version: 1, ...placed, approval, answer: undefined, moot: false })
  }

  askQuestions(asked: { question: string; call: string; questions: readonly Question[] }, placed: Placed): void {
    const { question, call, questions } = asked
    this.#add(question, call, {
      kind: 'question', key: `q:${question}`, version: 1, ...placed, question, questions, answers: undefined, moot: false,
    })
  }

  /** The answer to an approval; gives the call it was about, if it waits for nothing else. */
  answer(id: string, answer: Answer): string | undefined {
    return this.#settle(id, (item) => (item.kind === 'approval' ? { ...item, answer } : item))
  }

  /** The answers to questions; gives the call that asked. */
  answerQuestions(id: string, answers: readonly QuestionAnswer[]): string | undefined {
    return this.#settle(id, (item) => (item.kind === 'question' ? { ...item, answers } : item))
  }

  /** The call is over: nobody can answer what it asked. */
  callEnded(call: string): void {
    for (const [id, waiting] of [...this.#waiting]) {
      if (waiting.call === call) this.#settle(id, (item) => ({ ...item, moot: true }))
    }
  }

  /** The turn is over: nobody can answer anything. */
  endAll(): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, (item) => ({ ...item, moot: true }))
  }

  #add(id: string, call: string, item: Asked): void {
    this.#waiting.set(id, { slot: this.#list.push(item), call })
  }

  #settle(id: string, change: (item: Asked) => Asked): string | undefined {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return undefined
    this.#waiting.delete(id)
    const item = this.#list.at(waiting.slot.index)
    if (item?.kind !== 'approval' && item?.kind !== 'question') return undefined
    const changed = change(item)
    this.#list.set(waiting.slot, { ...changed, version: item.version + 1 })
    const waitsOn = [...this.#waiting.values()].some((other) => other.call === waiting.call)
    return waitsOn ? undefined : waiting.call
  }
}
