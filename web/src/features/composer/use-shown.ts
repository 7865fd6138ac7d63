// Whether a component is still there when something it began comes to its end.
import { useEffect, useRef } from 'react'
import type { RefObject } from 'react'

/** True while the component is on the page. */
export function useShown(): RefObject<boolean> {
  const shown = useRef(false)
  useEffect(() => {
    shown.current = true
    return () => {
      shown.current = false
    }
  }, [])
  return shown
}
