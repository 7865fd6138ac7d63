// An address for bytes that are already here; taken back when it is not needed any more.
import { useCallback } from 'react'
import { useWork } from './use-work'

/** The address, once there is one. */
export function useObjectUrl(bytes: ArrayBuffer, media: string): string | undefined {
  const make = useCallback(
    (signal: AbortSignal) => {
      const url = URL.createObjectURL(new Blob([bytes], { type: media }))
      signal.addEventListener('abort', () => URL.revokeObjectURL(url))
      return Promise.resolve(url)
    },
    [bytes, media],
  )
  const work = useWork(make)
  return work.state === 'ready' ? work.value : undefined
}
