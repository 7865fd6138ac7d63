// Sending a wish from a button: busy until it was taken, a message where it was not.
import { asApiError } from '@api'
import { toast } from '@kit'
import { useCallback, useState } from 'react'
import { words } from './words'

/** Runs a command once at a time. `what` continues "Could not". */
export function useCommand(): readonly [boolean, (what: string, run: () => Promise<void>) => void] {
  const [busy, setBusy] = useState(false)
  const go = useCallback((what: string, run: () => Promise<void>) => {
    setBusy(true)
    run()
      .catch((error: unknown) => complain(what, error))
      .finally(() => setBusy(false))
  }, [])
  return [busy, go]
}

/** Says what went wrong and the one next step. */
export function complain(what: string, error: unknown): void {
  const { message, hint } = asApiError(error)
  toast(`${words.couldNot(what)}: ${message}${hint === undefined ? '' : `. ${hint}`}`, { tone: 'bad' })
}
