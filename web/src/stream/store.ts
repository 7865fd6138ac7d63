// One task, live: its events so far in one request, then its stream. Everything that comes within one picture is folded
// together and told once. Used by several components at the same time; runs while there is at least one.
import type { ApiError, Delta, Event, Fact } from '@api'
import { decode } from '@lib/decode'
import { readEvents } from './events'
import { errorOf, failureOf, follow } from './follow'
import type { Frame } from './frames'
import type { Cancel, Ports } from './ports'
import { TaskFold } from './reduce'
import type { Connection, Item, TaskView, TurnFacts } from './shape'

/** Why a task cannot be shown. */
export interface Failure {
  /** `gone`: there is no such task any more. */
  readonly reason: 'gone' | 'error'
  readonly message: string
  readonly hint: string | undefined
}

/** The conversation; a new object only when items came or went. */
export interface ItemsSnapshot {
  /** In order. Entries are replaced in place when an item changes. */
  readonly items: readonly Item[]
  /** Grows with each new object. */
  readonly version: number
}

/** How long a task is kept after the last one who used it, in milliseconds. */
const KEPT = 30_000
/** How long a hidden page goes on listening; browsers allow few connections to one host. */
const HIDDEN = 60_000
/** Most events one answer holds. */
const PAGE = 100_000
/** The wait before events are asked for again. */
const AGAIN = 1_000

/** Facts that are something new to look at. */
const RAISES: ReadonlySet<string> = new Set<Fact['type']>(['turn_ended', 'paused', 'approval_asked', 'question_asked'])

/** Who knows the store by its task. */
export interface Whereabouts {
  /** Called when it is used again after it was dropped. */
  held(store: TaskStore): void
  dropped(store: TaskStore): void
}

export class TaskStore {
  readonly id: string
  readonly #ports: Ports
  readonly #whereabouts: Whereabouts
  readonly #listeners = new Set<() => void>()
  readonly #fold: TaskFold
  #items: ItemsSnapshot
  #view: TaskView
  #turns: readonly TurnFacts[]
  #revision = 0
  #connection: Connection = 'loading'
  #failure: Failure | undefined

  #users = 0
  #loaded = false
  #running: Cancel | undefined
  /** Loading or listening, whichever goes on. */
  #working: Cancel | undefined
  #keeping: Cancel | undefined
  #hiding: Cancel | undefined
  #queue: Frame[] = []
  #drawing: Cancel | undefined
  /** The connection broke since the last frame. */
  #broke = false
  #seen: 'not' | 'told' | 'unheard' = 'not'
  /** The user wants to look again later: looking now does not count. */
  #later = false

  constructor(id: string, ports: Ports, whereabouts: Whereabouts) {
    this.id = id
    this.#ports = ports
    this.#whereabouts = whereabouts
    this.#fold = new TaskFold(id)
    const { items, view, turns } = this.#fold.handOut()
    this.#items = { items, version: 1 }
    this.#view = view
    this.#turns = turns
  }

  get items(): ItemsSnapshot {
    return this.#items
  }

  get view(): TaskView {
    return this.#view
  }

  get turns(): readonly TurnFacts[] {
    return this.#turns
  }

  get connection(): Connection {
    return this.#connection
  }

  get failure(): Failure | undefined {
    return this.#failure
  }

  /** Grows with every change of anything. */
  get revision(): number {
    return this.#revision
  }

  readonly subscribe = (listener: () => void): Cancel => {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Uses the store until the given function is called. */
  hold(): Cancel {
    this.#users += 1
    this.#keeping?.()
    this.#keeping = undefined
    if (this.#users === 1) {
      this.#later = false
      this.#whereabouts.held(this)
      if (this.#running === undefined) this.#start()
      // What failed before, such as a task that was in the trash, may be there now.
      else if (this.#connection === 'failed') this.retry()
      this.#look()
    }
    let released = false
    return () => {
      if (released) return
      released = true
      this.#users -= 1
      if (this.#users === 0) this.#keeping = this.#ports.after(KEPT, () => this.#drop())
    }
  }

  /** Tries again what failed. */
  retry(): void {
    if (this.#connection !== 'failed' || this.#users === 0) return
    this.#stop()
    this.#start()
  }

  #start(): void {
    this.#tell(this.#loaded && this.#connection !== 'failed' ? this.#connection : 'loading', undefined)
    const woken = this.#ports.onWake(() => this.#wake())
    const work = this.#loaded ? this.#listen() : this.#load()
    this.#running = () => {
      woken()
      this.#working?.()
      this.#working = undefined
    }
    this.#working = work
  }

  #stop(): void {
    this.#flush()
    this.#hiding?.()
    this.#hiding = undefined
    this.#running?.()
    this.#running = undefined
    this.#broke = true
  }

  #drop(): void {
    this.#keeping = undefined
    this.#stop()
    this.#whereabouts.dropped(this)
  }

  /** Everything stored so far, then the stream. */
  #load(): Cancel {
    const abort = new AbortController()
    let waiting: Cancel | undefined
    const attempt = () => {
      this.#fetchAll(abort.signal).then(
        () => {
          if (!abort.signal.aborted) this.#working = this.#listen()
        },
        (error: unknown) => {
          if (abort.signal.aborted) return
          const failure = failureOf(error)
          // Nobody answers: the page says so elsewhere, and this one waits.
          if (failure.code === 'offline' || failure.code === 'closing') waiting = this.#ports.after(AGAIN, attempt)
          else this.#fail(failure)
        },
      )
    }
    attempt()
    return () => {
      waiting?.()
      abort.abort()
    }
  }

  async #fetchAll(signal: AbortSignal): Promise<void> {
    for (;;) {
      const path = `${this.#address()}/events?after=${this.#fold.head}`
      const response = await this.#ports.fetch(path, signal)
      if (!response.ok) throw await errorOf(response)
      const count = await readEvents(response, (event) => this.#fold.apply(event))
      if (signal.aborted) return
      if (count < PAGE) break
    }
    this.#loaded = true
    this.#broke = true
    this.#connection = 'live'
    this.#publish()
  }

  #listen(): Cancel {
    return follow(
      {
        path: () => `${this.#address()}/stream?after=${this.#fold.head}`,
        frame: (frame) => {
          this.#queue.push(frame)
          this.#drawing ??= this.#ports.soon(() => this.#flush())
        },
        broken: (error) => this.#broken(error),
      },
      this.#ports,
    )
  }

  #address(): string {
    return `/api/v1/tasks/${encodeURIComponent(this.id)}`
  }

  #broken(error: ApiError): boolean {
    this.#flush()
    this.#broke = true
    if (error.code === 'no_task' || error.code === 'log_damaged') {
      this.#fail(error)
      return false
    }
    this.#tell('reconnecting', undefined)
    return true
  }

  #fail(error: ApiError): void {
    const reason = error.code === 'no_task' ? 'gone' : 'error'
    this.#tell('failed', { reason, message: error.message, hint: error.hint })
  }

  /** Folds what came since the last picture, and tells once. */
  #flush(): void {
    this.#drawing?.()
    this.#drawing = undefined
    if (this.#queue.length === 0) return
    const queue = this.#queue
    this.#queue = []
    for (const frame of queue) this.#take(frame)
    this.#publish()
  }

  #take(frame: Frame): void {
    if (this.#broke) {
      // A stream that opens tells again, from the beginning, of everything that is under way.
      this.#fold.lose()
      this.#broke = false
    }
    switch (frame.name) {
      case 'event': {
        const event = decode<Event>(frame.data)
        if (!this.#fold.apply(event)) return
        if (RAISES.has(event.fact.type)) {
          this.#later = false
          // Told before was told of something else.
          this.#seen = 'not'
        }
        if (event.fact.type === 'marked' && event.fact.data.type === 'unseen') this.#later = true
        return
      }
      case 'delta':
        this.#fold.applyDelta(decode<Delta>(frame.data))
        return
      case 'live':
        this.#connection = 'live'
        if (this.#seen === 'unheard') this.#seen = 'not'
        return
      default:
    }
  }

  #publish(): void {
    const { items, view, turns } = this.#fold.handOut()
    if (items !== this.#items.items) this.#items = { items, version: this.#items.version + 1 }
    this.#view = view
    this.#turns = turns
    this.#notify()
    this.#look()
  }

  #tell(connection: Connection, failure: Failure | undefined): void {
    if (this.#connection === connection && this.#failure === failure) return
    this.#connection = connection
    this.#failure = failure
    this.#notify()
  }

  #notify(): void {
    this.#revision += 1
    for (const listener of this.#listeners) listener()
  }

  /** Tells once that the user has looked, when there is something to look at and somebody to do it. */
  #look(): void {
    if (!this.#view.unread) {
      this.#seen = 'not'
      return
    }
    if (this.#seen !== 'not' || this.#later || !this.#loaded || this.#users === 0 || !this.#ports.visible()) return
    this.#seen = 'told'
    this.#ports.markSeen(this.id).catch(() => {
      // Told again when something else is to be seen, or the daemon is back.
      this.#seen = 'unheard'
    })
  }

  #wake(): void {
    this.#hiding?.()
    this.#hiding = undefined
    if (this.#ports.visible()) {
      this.#look()
      if (this.#loaded && this.#working === undefined && this.#connection !== 'failed') this.#working = this.#listen()
    } else if (this.#loaded) {
      this.#hiding = this.#ports.after(HIDDEN, () => {
        this.#flush()
        this.#working?.()
        this.#working = undefined
        this.#broke = true
      })
    }
  }
}
