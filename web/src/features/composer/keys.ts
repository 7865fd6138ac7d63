// What keys mean in the composer: when a message is sent, and how a list is walked through.

/** What is known of a pressed key. */
export interface Pressed {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  /** A letter is being put together (Japanese, Chinese, accents): Enter belongs to that. */
  readonly composing: boolean
}

/** `enter`: Enter sends, Shift+Enter starts a line. `modifier`: only Ctrl or Command with Enter sends. */
export type Sending = 'enter' | 'modifier'

/** Whether this key sends. */
export function sends(pressed: Pressed, sending: Sending): boolean {
  if (pressed.key !== 'Enter' || pressed.composing || pressed.altKey) return false
  // With Shift as well it answers an approval, and is not the composer's.
  if (pressed.ctrlKey || pressed.metaKey) return !pressed.shiftKey
  return sending === 'enter' && !pressed.shiftKey
}

/** Rows that Page Up and Page Down pass. */
const PAGE_ROWS = 8

/** Where a list's mark goes; nothing for keys that do not move it. Up and down go around the ends. */
export function moved(key: string, at: number, count: number): number | undefined {
  if (count === 0) return undefined
  switch (key) {
    case 'ArrowDown':
      return at >= count - 1 ? 0 : at + 1
    case 'ArrowUp':
      return at <= 0 ? count - 1 : at - 1
    case 'PageDown':
      return Math.min(at + PAGE_ROWS, count - 1)
    case 'PageUp':
      return Math.max(at - PAGE_ROWS, 0)
    default:
      return undefined
  }
}
