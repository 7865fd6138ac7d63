// Work on a file's bytes that takes a moment: parsing, decoding. Ended when the viewer goes.
import { useEffect, useState } from 'react'

export type Work<T> =
  | { readonly state: 'working' }
  | { readonly state: 'failed'; readonly error: unknown }
  | { readonly state: 'ready'; readonly value: T }

const WORKING = { state: 'working' } as const

/** Runs `run` whenever it is another function; keep it with `useCallback`. The signal is aborted when it is not wanted any more. */
export function useWork<T>(run: (signal: AbortSignal) => Promise<T>): Work<T> {
  const [done, setDone] = useState<{ run: unknown; work: Work<T> }>()
  useEffect(() => {
    const ending = new AbortController()
    run(ending.signal).then(
      (value) => {
        if (!ending.signal.aborted) setDone({ run, work: { state: 'ready', value } })
      },
      (error: unknown) => {
        if (!ending.signal.aborted) setDone({ run, work: { state: 'failed', error } })
      },
    )
    return () => ending.abort()
  }, [run])
  return done?.run === run ? done.work : WORKING
}
