// The files of one composer, with what did not fit.
import { useCallback, useEffect, useRef, useState } from 'react'
import { admit, letGo, MOST_ATTACHED } from './attachments'
import type { Attached } from './attachments'
import { doNotFit } from './words'

export interface AttachmentHold {
  readonly attached: readonly Attached[]
  /** Why some files are not attached. */
  readonly problem: string | undefined
  readonly add: (files: readonly File[]) => void
  readonly remove: (id: number) => void
  /** Says something about files that could not be taken. */
  readonly complain: (problem: string | undefined) => void
  readonly clear: () => void
}

interface Held {
  readonly attached: readonly Attached[]
  readonly problem: string | undefined
}

const NOTHING: Held = { attached: [], problem: undefined }

export function useAttachments(): AttachmentHold {
  const [held, setHeld] = useState<Held>(NOTHING)
  // Files come by events, several of which may fall between two renderings.
  const latest = useRef(held)
  const settle = useCallback((next: Held) => {
    letGo(latest.current.attached.filter((it) => !next.attached.includes(it)))
    latest.current = next
    setHeld(next)
  }, [])
  const add = useCallback(
    (files: readonly File[]) => {
      const { attached, refused } = admit(latest.current.attached, files)
      settle({ attached, problem: refused.length === 0 ? undefined : doNotFit(refused, MOST_ATTACHED) })
    },
    [settle],
  )
  const remove = useCallback(
    (id: number) => settle({ attached: latest.current.attached.filter((it) => it.id !== id), problem: undefined }),
    [settle],
  )
  const complain = useCallback((problem: string | undefined) => settle({ ...latest.current, problem }), [settle])
  const clear = useCallback(() => settle(NOTHING), [settle])
  useEffect(() => () => letGo(latest.current.attached), [])
  return { ...held, add, remove, complain, clear }
}
