// What a task looks like on the screen: the fold of its events, in the order a reader meets them.
import type {
  Answer, Approval, Attachment, Change, Effect, FileCard, Outcome, Part, Question, QuestionAnswer, Usage, View,
} from '@api'

/** Where a tool call stands. */
export type CallState = 'planned' | 'waiting' | 'running' | Outcome

/** One tool call with everything there is to know about it. */
export interface Call {
  readonly id: string
  readonly tool: string
  /** The input as the model wrote it, parsed; text where it was not JSON. */
  readonly input: unknown
  readonly effects: readonly Effect[]
  readonly state: CallState
  /** What came back, once finished. */
  readonly output: readonly Part[]
  /** Output of a command while it runs. */
  readonly live: string
  /** Milliseconds it took, once finished. */
  readonly ms: number | undefined
  /** When it began, in milliseconds since 1970; none before. */
  readonly startedAt: number | undefined
  readonly changes: readonly Change[]
  /** Changed files beyond those that are named. */
  readonly moreChanges: number
}

/** What happened besides words and calls, in one line. */
export type Notice =
  | { readonly what: 'paused'; readonly by: 'user' | 'model' | 'limit'; readonly message: string; readonly hint: string }
  | { readonly what: 'resumed' }
  | { readonly what: 'retry'; readonly attempt: number; readonly afterMs: number; readonly reason: string }
  | { readonly what: 'cut'; readonly reason: string }
  | { readonly what: 'withdrawn'; readonly tool: string; readonly reason: string; readonly hint: string }
  | { readonly what: 'undone'; readonly changes: readonly Change[]; /** How many beyond those. */ readonly more: number }
  | { readonly what: 'stopped' }
  | { readonly what: 'failed'; readonly message: string; readonly hint: string }
  | { readonly what: 'compacted' }
  | { readonly what: 'mended'; readonly bytes: number }
  | { readonly what: 'folder_added' | 'folder_removed' | 'mode' | 'model' | 'effort' | 'limits' | 'instructions' | 'pinned' | 'unpinned' | 'granted' | 'revoked'; readonly about: string }

interface Placed {
  /** Stable for the item's whole life. */
  readonly key: string
  /** When it began, in milliseconds since 1970. */
  readonly at: number
  readonly turn: number
  /** Grows whenever the item changes. */
  readonly version: number
}

/** One thing in the conversation. */
export type Item =
  | (Placed & { readonly kind: 'prompt'; readonly text: string; readonly attachments: readonly Attachment[]; /** Said while a turn was running and not yet read by the model. */ readonly waiting: boolean })
  | (Placed & { readonly kind: 'text'; readonly text: string; readonly thinking: string; readonly streaming: boolean; /** The last words of a turn, and not something said between tool calls. */ readonly answer: boolean })
  | (Placed & { readonly kind: 'calls'; /** Consecutive calls without words between them, across steps. */ readonly calls: readonly Call[] })
  | (Placed & { readonly kind: 'approval'; readonly approval: Approval; readonly answer: Answer | undefined; /** Nobody can answer any more: the turn ended or the call is over. */ readonly moot: boolean })
  | (Placed & { readonly kind: 'question'; readonly question: string; readonly questions: readonly Question[]; readonly answers: readonly QuestionAnswer[] | undefined; readonly moot: boolean })
  | (Placed & { readonly kind: 'outputs'; readonly files: readonly FileCard[] })
  | (Placed & { readonly kind: 'notice'; readonly notice: Notice })

/** What the rail and the header show. Kept in the same shape as the server's view, so that the two can be compared. */
export type TaskView = View

/** How far this screen is. */
export type Connection = 'loading' | 'live' | 'reconnecting' | 'failed'

/** One turn's doings, for Undo and for the usage line. */
export interface TurnFacts {
  readonly turn: number
  readonly startedAt: number
  readonly endedAt: number | undefined
  readonly changed: number
  readonly usage: Usage
}
