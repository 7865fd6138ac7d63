// The one reducer over a task's events: the conversation, the view and the turns, one event at a time. Events come once
// and in order (a repeated one is ignored); deltas come between them and are gone with the event that ends them. Facts
// of a newer daemon that are not known here change nothing.
import type { Delta, Event } from '@api'
import { AskedList } from './asking'
import { CallBook, planned } from './calls'
import { ItemList } from './list'
import type { Slot } from './list'
import { noticeOf } from './notices'
import { OpenReply, segmentsOf } from './reply'
import type { Item, TaskView, TurnFacts } from './shape'
import { TurnBook } from './turns'
import { ViewFold } from './view'
import type { FactOf } from './view'

/** What a task looks like, as far as its events were folded. */
export interface Folded {
  readonly items: readonly Item[]
  readonly view: TaskView
  readonly turns: readonly TurnFacts[]
}

/** Folds the events of one task. */
export class TaskFold {
  readonly #list = new ItemList()
  readonly #book = new CallBook(this.#list)
  readonly #asked = new AskedList(this.#list)
  readonly #turns = new TurnBook()
  readonly #view: ViewFold
  #reply: OpenReply | undefined
  #turnOpen = false
  /** Prompts the model has not read yet. */
  #unread: Slot[] = []
  /** Thinking that waits for the words it led to. */
  #thinking = ''
  /** The last words of this turn. */
  #words: Slot | undefined
  /** Whether anything was said; what the task was set up with before is no news. */
  #said = false
  /** Whether the last event was an approval that was answered, which tells of the grant that follows. */
  #answered = false

  constructor(task: string) {
    this.#view = new ViewFold(task)
  }

  /** The last event folded in. */
  get head(): number {
    return this.#view.head
  }

  /** Whether there is something the user may not have looked at. */
  get unread(): boolean {
    return this.#view.unread
  }

  /** What there is now. None of it changes length or leaves its place afterwards. */
  handOut(): Folded {
    return { items: this.#list.handOut(), view: this.#view.view(), turns: this.#turns.handOut() }
  }

  /** Folds one event; gives false for one that was folded before. */
  apply(event: Event): boolean {
    if (event.seq <= this.#view.head) return false
    // Told before the fold: a revoked grant is still known then.
    const notice = noticeOf(event, this.#view)
    this.#view.apply(event)
    this.#followTurn(event)
    this.#followReply(event)
    this.#followCalls(event)
    this.#followAsking(event)
    if (notice !== undefined) this.#tell(event, { kind: 'notice', ...this.#placed(event, 'n'), notice })
    if (event.fact.type === 'resumed') this.#reply?.resume()
    this.#answered = event.fact.type === 'approval_answered'
    return true
  }

  /** Folds a piece of something unfinished. Gives false where it belongs to nothing that is open. */
  applyDelta(delta: Delta): boolean {
    switch (delta.type) {
      case 'text':
      case 'thinking':
        if (this.#reply?.step !== delta.data.step) return false
        this.#reply.hear(delta.type, delta.data.text)
        return true
      case 'call_begun':
        if (this.#reply?.step !== delta.data.step) return false
        this.#reply.begin(delta.data.tool)
        return true
      case 'output':
        this.#book.hear(delta.data.call, delta.data.text)
        return true
      default:
        return false
    }
  }

  /** The stream was interrupted: everything unfinished will be told again from its beginning. */
  lose(): void {
    this.#reply?.takeBack()
    this.#book.hush()
  }

  #followTurn(event: Event): void {
    const { fact } = event
    switch (fact.type) {
      case 'said':
        this.#say(event, fact.data)
        return
      case 'turn_started':
        this.#turnOpen = true
        this.#thinking = ''
        this.#words = undefined
        this.#turns.start(fact.data.turn, event.at)
        return
      case 'turn_ended':
        this.#endTurn(event, fact.data)
        return
      case 'replied':
        this.#turns.use(fact.data.reply.usage)
        return
      case 'files_changed':
        if (fact.data.undo !== true) this.#turns.note(fact.data.changes)
        return
      default:
    }
  }

  #say(event: Event, said: FactOf<'said'>['data']): void {
    const turn = this.#turnOpen ? this.#view.turn : this.#view.turn + 1
    const { text, attachments = [] } = said
    const waiting = this.#turnOpen
    const slot = this.#list.push({ kind: 'prompt', ...this.#placed(event, 'p'), turn, text, attachments, waiting })
    if (waiting) this.#unread.push(slot)
    this.#said = true
  }

  #endTurn(event: Event, ended: FactOf<'turn_ended'>['data']): void {
    this.#closeReply()
    this.#turnOpen = false
    this.#turns.end(event.at)
    this.#book.endAll()
    this.#asked.endAll()
    const item = this.#words === undefined ? undefined : this.#list.at(this.#words.index)
    if (ended.ending.type !== 'done' || this.#words === undefined || item?.kind !== 'text') return
    this.#list.set(this.#words, { ...item, answer: true, version: item.version + 1 })
  }

  #followReply(event: Event): void {
    const { fact } = event
    switch (fact.type) {
      case 'step_started':
        this.#closeReply()
        for (const slot of this.#unread) {
          const item = this.#list.at(slot.index)
          if (item?.kind === 'prompt') this.#list.set(slot, { ...item, waiting: false, version: item.version + 1 })
        }
        this.#unread = []
        this.#reply = new OpenReply(this.#list, this.#book, { step: fact.data.step, at: event.at, turn: this.#view.turn })
        return
      case 'replied':
        this.#replied(event, fact.data)
        return
      case 'reply_cut':
        this.#openReply(event, fact.data.step).takeBack()
        if (fact.data.text !== '') this.#words = this.#openReply(event, fact.data.step).placeText(fact.data.text, '')
        return
      case 'retry_planned':
        this.#reply?.takeBack()
        return
      case 'paused':
        if (fact.data.reason === 'model') this.#reply?.pause()
        return
      default:
    }
  }

  #replied(event: Event, replied: FactOf<'replied'>['data']): void {
    const reply = this.#openReply(event, replied.step)
    reply.takeBack()
    for (const segment of segmentsOf(replied.reply.blocks)) {
      if ('calls' in segment) {
        reply.placeCalls(segment.calls)
      } else if (segment.text === '') {
        this.#thinking += (this.#thinking === '' ? '' : '\n\n') + segment.thinking
        reply.skipWords()
      } else {
        const before = this.#thinking !== '' && segment.thinking !== '' ? `${this.#thinking}\n\n` : this.#thinking
        this.#words = reply.placeText(segment.text, before + segment.thinking)
        this.#thinking = ''
      }
    }
    this.#reply = undefined
  }

  /** The reply a fact is about; a log that does not tell of its beginning is taken as it is. */
  #openReply(event: Event, step: number): OpenReply {
    if (this.#reply?.step === step) return this.#reply
    this.#closeReply()
    this.#reply = new OpenReply(this.#list, this.#book, { step, at: event.at, turn: this.#view.turn })
    return this.#reply
  }

  #closeReply(): void {
    this.#reply?.takeBack()
    this.#reply = undefined
  }

  #followCalls(event: Event): void {
    const { fact } = event
    switch (fact.type) {
      case 'tool_started': {
        const { call, tool, effects } = fact.data
        if (!this.#book.has(call)) {
          const calls = [planned(call, tool, undefined)]
          this.#book.begin(this.#list.length, { kind: 'calls', ...this.#placed(event, 'c'), calls }, calls)
        }
        this.#book.start(call, event.at, effects)
        return
      }
      case 'tool_finished': {
        const { call, outcome, output, ms } = fact.data
        this.#book.finish(call, outcome, output, ms)
        this.#asked.callEnded(call)
        return
      }
      case 'files_changed': {
        const { call, changes, more = 0, undo } = fact.data
        if (call != null) this.#book.change(call, changes, more)
        else if (undo === true) {
          this.#list.push({ kind: 'notice', ...this.#placed(event, 'n'), notice: { what: 'undone', changes, more } })
        }
        return
      }
      case 'presented':
        this.#list.push({ kind: 'outputs', ...this.#placed(event, 'o'), files: fact.data.files })
        return
      default:
    }
  }

  #followAsking(event: Event): void {
    const { fact } = event
    const placed = { at: event.at, turn: this.#view.turn }
    switch (fact.type) {
      case 'approval_asked':
        this.#book.wait(fact.data.call)
        this.#asked.ask(fact.data, placed)
        return
      case 'approval_answered':
        this.#goOn(this.#asked.answer(fact.data.approval, fact.data.answer))
        return
      case 'question_asked':
        this.#book.wait(fact.data.call)
        this.#asked.askQuestions(fact.data, placed)
        return
      case 'question_answered':
        this.#goOn(this.#asked.answerQuestions(fact.data.question, fact.data.answers))
        return
      default:
    }
  }

  #goOn(call: string | undefined): void {
    if (call !== undefined) this.#book.goOn(call)
  }

  /** Puts a notice where it belongs: with the reply it is about, or at the end. */
  #tell(event: Event, item: Item): void {
    switch (event.fact.type) {
      case 'reply_cut':
      case 'retry_planned':
      case 'compacted':
      case 'log_mended':
        if (this.#reply === undefined) this.#list.push(item)
        else this.#reply.place(item)
        return
      case 'grant_added':
        // The answer above it says so already.
        if (this.#answered) return
        break
      default:
    }
    if (this.#said) this.#list.push(item)
  }

  #placed(event: Event, kind: string): Pick<Item, 'key' | 'at' | 'turn' | 'version'> {
    return { key: `${kind}:${event.seq}`, at: event.at, turn: this.#view.turn, version: 1 }
  }
}

/** Folds a whole log. */
export function fold(events: readonly Event[]): TaskFold {
  const fresh = new TaskFold(events[0]?.task ?? '')
  for (const event of events) fresh.apply(event)
  return fresh
}
