// What this browser remembers for itself: drafts, appearance, recent folders. Nothing here is needed to work.
import { decodeOr } from './decode'

const PREFIX = 'deskhand.'

/** Reads what was kept under a name. */
export function kept<T>(name: string, otherwise: T): T {
  try {
    return decodeOr<T>(localStorage.getItem(PREFIX + name), otherwise)
  } catch {
    return otherwise
  }
}

/** Keeps a value under a name; a browser that keeps nothing is no error. */
export function keep(name: string, value: unknown): void {
  try {
    if (value === undefined || value === null) localStorage.removeItem(PREFIX + name)
    else localStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // Private windows and full disks: the value lives until the page is closed.
  }
}
