// The stream of what changes among all tasks. One window of a browser listens and tells the others, because browsers allow
// few connections to one host and each open task needs one of its own.
import type { Headline } from '@api'
import { decode } from '@lib/decode'
import { follow } from './follow'
import type { Cancel, Ports } from './ports'

/** Whether the daemon answers. */
export type FeedConnection = 'live' | 'reconnecting'

/** What windows say to each other. */
export type Word =
  | { readonly say: 'headlines'; readonly headlines: readonly Headline[] }
  | { readonly say: 'connection'; readonly connection: FeedConnection }
  /** A window that has just come wants to know how things stand. */
  | { readonly say: 'hello' }

/** The other windows of this browser. */
export interface Windows {
  tell(word: Word): void
  hear(listener: (word: Word) => void): Cancel
  /** Waits for its turn to be the one that listens, and keeps it until cancelled. */
  lead(run: () => void): Cancel
}

const NAME = 'deskhand.changes'

/** The windows as the browser knows them; where it does not, each listens for itself. */
export function windowsOf(): Windows {
  if (!('locks' in navigator) || typeof BroadcastChannel === 'undefined') return alone
  const channel = new BroadcastChannel(NAME)
  return {
    tell: (word) => channel.postMessage(word),
    hear(listener) {
      const heard = (event: MessageEvent<Word>) => listener(event.data)
      channel.addEventListener('message', heard)
      return () => {
        channel.removeEventListener('message', heard)
        channel.close()
      }
    },
    lead(run) {
      const abort = new AbortController()
      const turn = async () => {
        if (abort.signal.aborted) return
        run()
        await new Promise<void>((done) => abort.signal.addEventListener('abort', () => done()))
      }
      navigator.locks.request(NAME, { signal: abort.signal }, turn).catch(() => {
        // Cancelled before its turn came.
      })
      return () => abort.abort()
    },
  }
}

const alone: Windows = {
  tell: () => undefined,
  hear: () => () => undefined,
  lead(run) {
    run()
    return () => undefined
  },
}

/** Listens, or hears from the window that does. */
export class Feed {
  readonly #ports: Ports
  readonly #windows: Windows
  readonly #take: (headlines: readonly Headline[]) => void
  readonly #changed: () => void
  #connection: FeedConnection = 'live'
  #leading = false
  #queue: Headline[] = []
  #telling: Cancel | undefined
  readonly #ends: Cancel[] = []

  /** `take` gets headlines in batches; `changed` is called when the connection is another. */
  constructor(parts: { ports: Ports; windows: Windows; take: (headlines: readonly Headline[]) => void; changed: () => void }) {
    this.#ports = parts.ports
    this.#windows = parts.windows
    this.#take = parts.take
    this.#changed = parts.changed
  }

  get connection(): FeedConnection {
    return this.#connection
  }

  start(): void {
    this.#ends.push(this.#windows.hear((word) => this.#hear(word)))
    this.#ends.push(this.#windows.lead(() => this.#lead()))
    if (!this.#leading) this.#windows.tell({ say: 'hello' })
  }

  stop(): void {
    this.#telling?.()
    for (const end of this.#ends.splice(0)) end()
    this.#leading = false
  }

  #lead(): void {
    this.#leading = true
    this.#ends.push(
      follow(
        {
          path: () => '/api/v1/changes',
          opened: () => {
            // Lists may have been fetched before anybody listened: what changed in between was told to nobody.
            this.#push({ type: 'missed' })
            this.#turn('live')
          },
          frame: (frame) => {
            if (frame.name === 'message') this.#push(decode<Headline>(frame.data))
          },
          broken: () => {
            this.#turn('reconnecting')
            return true
          },
        },
        this.#ports,
      ),
    )
  }

  #push(headline: Headline): void {
    this.#queue.push(headline)
    this.#telling ??= this.#ports.soon(() => {
      this.#telling = undefined
      const headlines = this.#queue.splice(0)
      this.#windows.tell({ say: 'headlines', headlines })
      this.#take(headlines)
    })
  }

  #turn(connection: FeedConnection): void {
    this.#windows.tell({ say: 'connection', connection })
    this.#set(connection)
  }

  #set(connection: FeedConnection): void {
    if (this.#connection === connection) return
    this.#connection = connection
    this.#changed()
  }

  #hear(word: Word): void {
    switch (word.say) {
      case 'headlines':
        this.#take(word.headlines)
        return
      case 'connection':
        this.#set(word.connection)
        return
      case 'hello':
        if (this.#leading) this.#windows.tell({ say: 'connection', connection: this.#connection })
        return
      default:
    }
  }
}
