// Following a stream of the daemon for as long as anyone wants: opened again when it breaks, later each time, and at once
// when the network or the page comes back. What the frames mean is the follower's business.
import { ApiError, asApiError, offline } from '@api'
import type { ErrorBody } from '@api'
import { decodeOr } from '@lib/decode'
import { FrameParser } from './frames'
import type { Frame } from './frames'
import type { Cancel, Ports } from './ports'

/** The first wait after a break, in milliseconds; it doubles with each that follows. */
const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000
/** The daemon says something every 15 seconds; after this long without a word the connection is dead. */
const SILENCE = 40_000

export interface Followed {
  /** The address, asked for at each opening. */
  path(): string
  /** The daemon listens: what changes from now on is told. */
  opened?(): void
  /** A frame came. */
  frame(frame: Frame): void
  /** It broke, with the reason; gives whether to try again. Called for each attempt that fails. */
  broken(error: ApiError): boolean
}

/** Follows until the given function is called. */
export function follow(followed: Followed, ports: Ports): Cancel {
  const follower = new Follower(followed, ports)
  follower.open()
  return () => follower.close()
}

class Follower {
  readonly #followed: Followed
  readonly #ports: Ports
  #attempt: AbortController | undefined
  #waiting: Cancel | undefined
  #silence: Cancel | undefined
  #heardAt = 0
  #failures = 0
  readonly #sleeps: Cancel

  constructor(followed: Followed, ports: Ports) {
    this.#followed = followed
    this.#ports = ports
    this.#sleeps = ports.onWake(() => this.#wake())
  }

  open(): void {
    this.#waiting?.()
    this.#waiting = undefined
    const attempt = new AbortController()
    this.#attempt = attempt
    this.#listen()
    void this.#read(attempt.signal).then(
      () => this.#over(attempt, offline()),
      (error: unknown) => this.#over(attempt, error instanceof ApiError ? error : offline()),
    )
  }

  close(): void {
    this.#sleeps()
    this.#waiting?.()
    this.#silence?.()
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.abort()
  }

  async #read(signal: AbortSignal): Promise<void> {
    const response = await this.#ports.fetch(this.#followed.path(), signal)
    if (!response.ok) throw await errorOf(response)
    const reader = response.body?.getReader()
    if (reader === undefined) return
    this.#followed.opened?.()
    const decoder = new TextDecoder()
    const parser = new FrameParser()
    for (;;) {
      const { done, value } = await reader.read()
      if (done || signal.aborted) return
      this.#listen()
      this.#failures = 0
      for (const frame of parser.push(decoder.decode(value, { stream: true }))) {
        if (frame.name === 'error') throw errorIn(frame.data)
        this.#followed.frame(frame)
      }
    }
  }

  #over(attempt: AbortController, error: ApiError): void {
    if (this.#attempt !== attempt) return
    this.#attempt = undefined
    attempt.abort()
    this.#silence?.()
    if (!this.#followed.broken(error)) {
      this.close()
      return
    }
    const longest = Math.min(FIRST_WAIT * 2 ** this.#failures, LONGEST_WAIT)
    this.#failures += 1
    // Not all windows at the same moment.
    this.#waiting = this.#ports.after(longest * (0.75 + this.#ports.chance() / 4), () => this.open())
  }

  #listen(): void {
    this.#heardAt = this.#ports.now()
    this.#silence?.()
    this.#silence = this.#ports.after(SILENCE, () => this.#deaf())
  }

  /** Nothing was heard for too long. */
  #deaf(): void {
    const attempt = this.#attempt
    if (attempt !== undefined) this.#over(attempt, offline())
  }

  /** The page or the network is back: no more waiting, and a connection that slept is not trusted. */
  #wake(): void {
    if (!this.#ports.visible()) return
    if (this.#waiting !== undefined) {
      this.#failures = 0
      this.open()
    } else if (this.#attempt !== undefined && this.#ports.now() - this.#heardAt > SILENCE / 2) {
      this.#deaf()
    }
  }
}

/** The error of an answer that is none. */
export async function errorOf(response: Response): Promise<ApiError> {
  return errorIn(await response.text().catch(() => ''), response.status)
}

function errorIn(text: string, status = 0): ApiError {
  const unknown: ErrorBody = { code: 'internal', message: `the daemon answered with status ${status}` }
  const body = decodeOr<ErrorBody>(text, unknown)
  return new ApiError(body.code, body.message, body.hint)
}

/** Any failure of a request as an [`ApiError`]; what is none of ours means that nobody answered. */
export function failureOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return error instanceof TypeError ? offline() : asApiError(error)
}
