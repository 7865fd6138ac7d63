// Fetches what the kit leaves out of the first load, once the page has come to rest: then it also opens without the daemon.
import { dialogPanel } from './dialog'
import { menuPanel } from './menu'
import { ahead } from './part'
import { popoverPanel } from './popover'

/** Fetches menus, dialogs and popovers. */
export function preloadParts(): void {
  ahead(menuPanel, dialogPanel, popoverPanel)
}
