// Talking to the daemon: one client, one form of error.
import createClient from 'openapi-fetch'
import type { paths } from './generated/schema'
import type { ErrorBody, ErrorCode } from './types'

/** What the daemon said instead of an answer: a stable code, a message, at most one next step. */
export class ApiError extends Error {
  readonly code: ErrorCode | 'offline'
  readonly hint: string | undefined

  constructor(code: ErrorCode | 'offline', message: string, hint?: string | null) {
    super(message)
    this.code = code
    this.hint = hint ?? undefined
  }
}

/** The daemon cannot be reached: it ended, or the computer sleeps. */
export function offline(): ApiError {
  return new ApiError('offline', 'Deskhand does not answer', 'Start it again by typing deskhand in a terminal; this page reconnects by itself.')
}

export const client = createClient<paths>({
  // Where there is no page, in tests, any address does: the requests are answered by the test.
  baseUrl: typeof location === 'undefined' ? 'http://127.0.0.1' : location.origin,
  // Read when it is used, so that a test can put its own in place.
  fetch: (request) => globalThis.fetch(request),
})

type Outcome<T> = { data?: T; error?: ErrorBody | undefined; response: Response }

/** The answer, or the error thrown. */
export async function answered<T>(asked: Promise<Outcome<T>>): Promise<T> {
  let outcome: Outcome<T>
  try {
    outcome = await asked
  } catch {
    throw offline()
  }
  if (outcome.error !== undefined) throw new ApiError(outcome.error.code, outcome.error.message, outcome.error.hint)
  if (outcome.data === undefined) throw new ApiError('internal', `the answer is empty (${outcome.response.status})`)
  return outcome.data
}

/** For answers without content. */
export async function accepted(asked: Promise<Outcome<unknown>>): Promise<void> {
  let outcome: Outcome<unknown>
  try {
    outcome = await asked
  } catch {
    throw offline()
  }
  if (outcome.error !== undefined) throw new ApiError(outcome.error.code, outcome.error.message, outcome.error.hint)
}

/** Any failure as an [`ApiError`], for showing. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError('internal', error instanceof Error ? error.message : String(error))
}
