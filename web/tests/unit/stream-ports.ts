// A browser for the tests of the stream: a clock that is moved by hand, a page that is shown or hidden, and a daemon that
// says what the test makes it say.
import type { Ports } from '@stream/ports'

/** An answer to one request: whole, or a stream the test writes into. */
export class Wire {
  readonly path: string
  readonly #signal: AbortSignal
  readonly response: Promise<Response>
  #answer: (response: Response) => void = () => undefined
  #refuse: (error: Error) => void = () => undefined
  #body: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor(path: string, signal: AbortSignal) {
    this.path = path
    this.#signal = signal
    this.response = new Promise((answer, refuse) => {
      this.#answer = answer
      this.#refuse = refuse
    })
    signal.addEventListener('abort', () => {
      this.#refuse(new DOMException('aborted', 'AbortError'))
      try {
        this.#body?.error(new DOMException('aborted', 'AbortError'))
      } catch {
        // Ended already.
      }
    })
  }

  get aborted(): boolean {
    return this.#signal.aborted
  }

  json(value: unknown, status = 200): Promise<void> {
    this.#answer(new Response(JSON.stringify(value), { status }))
    return settled()
  }

  /** Nobody answers. */
  refuse(): Promise<void> {
    this.#refuse(new TypeError('failed to fetch'))
    return settled()
  }

  open(): Promise<void> {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (this.#body = controller) })
    this.#answer(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
    return this.write(':\n\n')
  }

  write(text: string): Promise<void> {
    return this.bytes(new TextEncoder().encode(text))
  }

  bytes(piece: Uint8Array): Promise<void> {
    this.#body?.enqueue(piece)
    return settled()
  }

  frame(name: string, data: unknown): Promise<void> {
    return this.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  end(): Promise<void> {
    this.#body?.close()
    return settled()
  }
}

/** Lets everything happen that has been set off. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((done) => setImmediate(done))
}

interface Timer {
  readonly at: number
  readonly run: () => void
}

export class FakeBrowser implements Ports {
  readonly wires: Wire[] = []
  readonly seen: string[] = []
  /** Whether the daemon does not hear what was looked at. */
  deaf = false
  shown = true
  #clock = 0
  #timers: Timer[] = []
  #pictures: (() => void)[] = []
  readonly #wakes = new Set<() => void>()

  /** The last request. */
  get wire(): Wire {
    const last = this.wires.at(-1)
    if (last === undefined) throw new Error('nothing was asked for')
    return last
  }

  readonly fetch = (path: string, signal: AbortSignal): Promise<Response> => {
    const wire = new Wire(path, signal)
    this.wires.push(wire)
    return wire.response
  }

  readonly soon = (run: () => void) => {
    this.#pictures.push(run)
    return () => {
      this.#pictures = this.#pictures.filter((other) => other !== run)
    }
  }

  readonly after = (ms: number, run: () => void) => {
    const timer = { at: this.#clock + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  readonly now = () => this.#clock
  readonly chance = () => 1
  readonly visible = () => this.shown

  readonly onWake = (run: () => void) => {
    this.#wakes.add(run)
    return () => {
      this.#wakes.delete(run)
    }
  }

  readonly markSeen = (task: string) => {
    this.seen.push(task)
    if (this.deaf) return Promise.reject(new Error('nobody answers'))
    return Promise.resolve()
  }

  /** Draws one picture. */
  draw(): void {
    for (const run of this.#pictures.splice(0)) run()
  }

  /** Lets time go by; what is due runs in order. */
  async pass(ms: number): Promise<void> {
    const until = this.#clock + ms
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= until).sort((one, other) => one.at - other.at)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter((other) => other !== due)
      this.#clock = due.at
      due.run()
      await settled()
    }
    this.#clock = until
  }

  async show(shown: boolean): Promise<void> {
    this.shown = shown
    for (const wake of this.#wakes) wake()
    await settled()
  }

  get timers(): number {
    return this.#timers.length
  }

  get listeners(): number {
    return this.#wakes.size
  }
}
