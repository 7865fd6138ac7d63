// The keyboard shortcuts, as data: the window acts on them and the settings list them.
import { kept } from './storage'

export interface Shortcut {
  /** Parts joined by `+`; `Mod` is Cmd on a Mac and Ctrl elsewhere. */
  readonly keys: string
  readonly what: string
  readonly where: 'Everywhere' | 'List of tasks' | 'Task' | 'Composer'
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'N', what: 'New task', where: 'Everywhere' },
  { keys: 'Mod+K', what: 'Search and commands', where: 'Everywhere' },
  { keys: '/', what: 'Search, while you are not typing', where: 'Everywhere' },
  { keys: 'Mod+B', what: 'Show or hide the list of tasks', where: 'Everywhere' },
  { keys: 'ArrowUp', what: 'Previous task', where: 'List of tasks' },
  { keys: 'ArrowDown', what: 'Next task', where: 'List of tasks' },
  { keys: 'Enter', what: 'Open the task', where: 'List of tasks' },
  { keys: 'F2', what: 'Rename the task', where: 'List of tasks' },
  { keys: 'Shift+F10', what: 'Menu of the task', where: 'List of tasks' },
  { keys: 'Mod+.', what: 'Stop the task', where: 'Task' },
  { keys: 'Mod+F', what: 'Find in the task', where: 'Task' },
  { keys: 'Mod+Shift+Enter', what: 'Allow once; a deletion is only brought to its button', where: 'Task' },
  { keys: 'Mod+Shift+Backspace', what: 'Deny, with a note', where: 'Task' },
  { keys: 'Mod+Enter', what: 'Start or send', where: 'Composer' },
  { keys: '/', what: 'Commands, at the start of a line', where: 'Composer' },
]

/** Single letters act only while this is on; people who dictate switch it off. Kept under `single-keys`. */
export function singleKeysOn(): boolean {
  return kept('single-keys', true)
}

export function onMac(): boolean {
  return typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc',
}

/** The keys of a combination as they are written on the reader's keyboard. */
export function shownKeys(keys: string, mac: boolean): string[] {
  return keys.split('+').map((part) => {
    if (part === 'Mod') return mac ? '⌘' : 'Ctrl'
    if (part === 'Shift') return mac ? '⇧' : 'Shift'
    return NAMES[part] ?? part
  })
}

/** A combination in one piece: `⌘K`, `Ctrl K`. */
export function written(keys: string, mac = onMac()): string {
  return shownKeys(keys, mac).join(mac ? '' : ' ')
}

export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** Whether a key press is this combination; case does not matter. */
export function pressed(keys: string, event: KeyPress, mac = onMac()): boolean {
  const parts = keys.toLowerCase().split('+')
  const key = parts.at(-1) ?? ''
  if (event.altKey) return false
  if (parts.includes('mod') !== (mac ? event.metaKey : event.ctrlKey)) return false
  if (mac ? event.ctrlKey : event.metaKey) return false
  // A sign such as `/` may need Shift on some keyboards; a letter must come without it.
  const sign = key.length === 1 && !/\p{Letter}/u.test(key)
  if (!sign && parts.includes('shift') !== event.shiftKey) return false
  return event.key.toLowerCase() === key
}
