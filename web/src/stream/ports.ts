// What the stream needs of the browser, so that a test can put its own in place.
import { send } from '@api'

/** Undoes what was begun: takes a timer back, stops listening. */
export type Cancel = () => void

export interface Ports {
  fetch(path: string, signal: AbortSignal): Promise<Response>
  /** Once, before the next picture is drawn; soon enough where none is drawn because nobody looks. */
  soon(run: () => void): Cancel
  after(ms: number, run: () => void): Cancel
  /** Milliseconds on a clock that only goes forward. */
  now(): number
  /** Between 0 and 1. */
  chance(): number
  visible(): boolean
  /** When the page is shown or hidden, and when the network comes back. */
  onWake(run: () => void): Cancel
  /** The user has looked at a task. */
  markSeen(task: string): Promise<void>
}

/** The longest a change waits where no picture is drawn, in milliseconds. */
const UNSEEN = 250

/** The browser itself. */
export const browser: Ports = {
  fetch: (path, signal) => fetch(path, { signal, headers: { accept: 'application/json, text/event-stream' } }),
  soon(run) {
    let done = false
    const once = () => {
      if (done) return
      done = true
      cancelAnimationFrame(frame)
      clearTimeout(timer)
      run()
    }
    const frame = requestAnimationFrame(once)
    const timer = setTimeout(once, UNSEEN)
    return () => {
      done = true
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  },
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  now: () => performance.now(),
  chance: () => Math.random(),
  visible: () => document.visibilityState === 'visible',
  onWake(run) {
    document.addEventListener('visibilitychange', run)
    window.addEventListener('online', run)
    return () => {
      document.removeEventListener('visibilitychange', run)
      window.removeEventListener('online', run)
    }
  },
  markSeen: (task) => send(task, { type: 'mark', data: { type: 'seen' } }),
}
