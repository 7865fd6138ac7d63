// Whether a media query holds, followed live.
import { useCallback, useSyncExternalStore } from 'react'

/** The widths at which the page changes its shape; the same as the breakpoints of the style sheet. */
export const WIDE = '(min-width: 68.75rem)'
export const NOT_PHONE = '(min-width: 45rem)'
export const COARSE = '(pointer: coarse)'

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = window.matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches)
}
