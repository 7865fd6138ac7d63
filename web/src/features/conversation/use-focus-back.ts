// Where the focus goes when what had it leaves the page: to the card around it, else to the conversation, never nowhere.
import { useLayoutEffect, useRef, type RefObject } from 'react'

export function useFocusBack<E extends HTMLElement>(): RefObject<E | null> {
  const ref = useRef<E>(null)
  useLayoutEffect(() => {
    const element = ref.current
    return () => {
      if (element === null || !element.contains(document.activeElement)) return
      const around = element.parentElement?.closest('[data-card], [role=log]')
      if (around instanceof HTMLElement) around.focus({ preventScroll: true })
    }
  }, [])
  return ref
}
