// Where the focus goes when something that floats is closed: back to what opened it, else to the page's main part.

let menuOpener: HTMLElement | undefined

/** Remembers what opened a menu: a dialog opened from that menu returns the focus there, the menu itself being gone. */
export function rememberMenuOpener(opener: HTMLElement | undefined): void {
  menuOpener = opener
}

/** The element that has the focus now, or the one that opened the menu which has it. */
export function opener(): HTMLElement | undefined {
  const now = document.activeElement
  if (now instanceof HTMLElement && now !== document.body && now.closest('[role=menu]') === null) return now
  return menuOpener
}

/** After this many milliseconds what was done in a dialog has changed the page; its opener may have gone with that. */
const SETTLED = 400

/** What takes the focus. */
export type Focusable = Pick<HTMLElement, 'isConnected' | 'focus'>

/** Gives the focus back; where the element is gone, or goes a moment later, to the main part of the page. */
export function giveFocusBack(to: Focusable | null | undefined): void {
  if (to?.isConnected === true) to.focus({ preventScroll: true })
  keepFocus()
  setTimeout(keepFocus, SETTLED)
}

/** The focus is never nowhere: who uses the keyboard would begin at the top again. */
function keepFocus(): void {
  const now = document.activeElement
  if (now === null || now === document.body) document.querySelector<HTMLElement>('main[tabindex]')?.focus({ preventScroll: true })
}
