// A wish sent from a dialog: under way, through, or refused with its reason.
import { useState } from 'react'
import { asApiError, send, type ApiError, type Wish } from '@api'

export interface Sending {
  readonly busy: boolean
  readonly error: ApiError | undefined
  readonly go: (wish: Wish) => void
}

/** Sends wishes of a dialog; `onSent` when one is through. */
export function useSending(task: string, onSent: () => void): Sending {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError>()
  const go = (wish: Wish) => {
    setBusy(true)
    send(task, wish).then(onSent, (failed: unknown) => {
      setBusy(false)
      setError(asApiError(failed))
    })
  }
  return { busy, error, go }
}
