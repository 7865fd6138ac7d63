// Failures of the rail's buttons, said where they are seen.
import { asApiError, reveal, send, type Wish } from '@api'
import { toast } from '@kit'

/** Shows a failure with its next step. */
export function tell(error: unknown): void {
  const { message, hint } = asApiError(error)
  toast(hint === undefined ? message : `${message}. ${hint}`, { tone: 'bad' })
}

/** Sends a wish; a failure is shown. */
export function wish(task: string, wanted: Wish): void {
  send(task, wanted).catch(tell)
}

/** Shows a file in its folder on the desktop of this computer; a failure is shown. */
export function showInFolder(task: string, path: string): void {
  reveal(task, path, 'folder').catch(tell)
}
