// The title of the browser's tab and the dot on its icon: where one is, and whether something waits.
import { useEffect } from 'react'
import { useNeedsYou } from '@stream'
import { words } from './words'

/** Sets the title of the tab. Something that waits anywhere is said first. */
export function usePageTitle(title: string): void {
  const waiting = useNeedsYou() > 0
  useEffect(() => {
    document.title = `${waiting ? `${words.titles.needsYou} ` : ''}${title} · ${words.product}`
  }, [title, waiting])
}

/** Puts a dot on the tab's icon while something waits. */
export function useAttentionIcon(): void {
  const waiting = useNeedsYou() > 0
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    if (icon !== null) icon.href = waiting ? '/icon-waiting.svg' : '/icon.svg'
  }, [waiting])
}
