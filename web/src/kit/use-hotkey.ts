// Keys that act wherever the focus is. Single letters keep still while somebody types or a menu or dialog is open.
import { useEffect, useRef } from 'react'
import { pressed, singleKeysOn } from '@lib/shortcuts'

export interface HotkeyOptions {
  enabled?: boolean | undefined
  /** Acts even while typing. Combinations with `mod` do so by themselves. */
  whileTyping?: boolean | undefined
}

const TYPING = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=""], [contenteditable=true]'
const OCCUPIED = '[role=menu], [role=dialog], [role=alertdialog], [role=listbox]'

function inside(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null
}

export function useHotkey(combo: string | readonly string[], handler: (event: KeyboardEvent) => void, options: HotkeyOptions = {}): void {
  const latest = useRef(handler)
  useEffect(() => {
    latest.current = handler
  })
  const { enabled = true, whileTyping } = options
  const combos = typeof combo === 'string' ? combo : combo.join(' ')
  useEffect(() => {
    if (!enabled) return
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const found = combos.split(' ').find((each) => pressed(each, event))
      if (found === undefined) return
      const bare = !found.toLowerCase().includes('mod+')
      if (bare && found.length === 1 && !singleKeysOn()) return
      if (!(whileTyping ?? !bare) && (inside(event.target, TYPING) || inside(event.target, OCCUPIED))) return
      event.preventDefault()
      latest.current(event)
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [combos, enabled, whileTyping])
}
