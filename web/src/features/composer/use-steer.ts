// What is said and wished in a task: messages with files, Stop, Pause, Resume, and every change of its set-up.
import { useCallback, useEffect, useRef, useState } from 'react'
import { asApiError, say, send } from '@api'
import type { ApiError, Wish } from '@api'
import { announce, toast } from '@kit'
import { uploadsOf } from './attachments'
import type { Attached } from './attachments'
import { draftOf } from './draft'
import { failureOf } from './failing'
import { useAttachments } from './use-attachments'
import type { AttachmentHold } from './use-attachments'
import { useDraft } from './use-draft'
import type { DraftHold } from './use-draft'
import { STEER } from './words'

export interface SteerHold {
  readonly hold: DraftHold
  readonly files: AttachmentHold
  readonly busy: boolean
  readonly failure: ApiError | undefined
  /** Why nothing can be sent yet. */
  readonly reason: string | undefined
  readonly sendMessage: () => void
  /** Sends a wish; a failure is shown at the edge. `done` is announced when it is through. */
  readonly wish: (wish: Wish, done?: string) => void
}

export function useSteer(task: string): SteerHold {
  const files = useAttachments()
  const hold = useDraft(draftOf(task), files.attached)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<ApiError | undefined>(undefined)
  const { text } = hold.draft
  const reason = text.trim() === '' && files.attached.length === 0 ? STEER.emptyMessage : undefined
  // Words and files leave the box at once, so that the next message can be typed; what is not sent comes back.
  const returned = useRef(hold.comeBack)
  useEffect(() => {
    returned.current = hold.comeBack
  }, [hold.comeBack])
  const deliver = async (attached: readonly Attached[]) => {
    const uploads = await uploadsOf(attached)
    await say(task, text, uploads)
    hold.sent()
  }
  const sendMessage = () => {
    if (busy) return
    if (reason !== undefined) {
      announce(reason)
      return
    }
    const { attached } = files
    setBusy(true)
    setFailure(undefined)
    hold.sendOff()
    hold.forgetLost()
    files.clear()
    deliver(attached)
      .catch((error: unknown) => {
        returned.current()
        files.add(attached.map((it) => it.file))
        setFailure(failureOf(error))
      })
      .finally(() => setBusy(false))
  }
  const wish = useCallback(
    (wished: Wish, done?: string) => {
      send(task, wished)
        // The conversation shows it; who does not see it hears it.
        .then(() => done !== undefined && announce(done))
        .catch((error: unknown) => {
          const { message, hint } = asApiError(error)
          toast(hint === undefined ? message : `${message}. ${hint}`, { tone: 'bad' })
        })
    },
    [task],
  )
  return { hold, files, busy, failure, reason, sendMessage, wish }
}
