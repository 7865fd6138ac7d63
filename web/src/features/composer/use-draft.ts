// The draft of one composer: changed at every key, kept a moment later and when the page goes away.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Attached } from './attachments'
import { after, EMPTY_DRAFT, joined, keepDraft, onSent, onWords, readDraft, wereSent, without } from './draft'
import type { Draft } from './draft'
import { useShown } from './use-shown'

/** Milliseconds of quiet before a draft is kept. */
const QUIET = 200

export interface DraftHold {
  readonly draft: Draft
  readonly change: (change: Partial<Draft>) => void
  /** Names of files that were attached before the page was loaded again. */
  readonly lost: readonly string[]
  readonly forgetLost: () => void
  /** Throws everything away, at once. */
  readonly clear: () => void
  /** Takes the words out to be sent. They stay kept until they are, and more can be typed meanwhile. */
  readonly sendOff: () => void
  /** The words were sent. */
  readonly sent: () => void
  /** The words come back, before what was typed meanwhile. */
  readonly comeBack: () => void
}

const NONE: readonly string[] = []

/** The draft kept under a name; the name must not change during a component's life. */
export function useDraft(name: string, attached: readonly Attached[]): DraftHold {
  const [draft, setDraft] = useState(() => readDraft(name))
  const [lost, setLost] = useState(draft.attached)
  const [away, setAway] = useState('')
  const whole = useMemo<Draft>(
    () => ({ ...draft, text: after(away, draft.text), attached: [...lost, ...attached.map((it) => it.file.name)] }),
    [draft, away, lost, attached],
  )
  const latest = useRef<Draft>(whole)
  useEffect(() => {
    latest.current = whole
    const timer = setTimeout(() => keepDraft(name, whole), QUIET)
    return () => clearTimeout(timer)
  }, [name, whole])
  useEffect(() => {
    const keepNow = () => keepDraft(name, latest.current)
    window.addEventListener('pagehide', keepNow)
    return () => {
      window.removeEventListener('pagehide', keepNow)
      keepNow()
    }
  }, [name])
  useEffect(
    () => onWords(name, (words) => setDraft((before) => ({ ...before, text: joined(before.text, words) }))),
    [name],
  )
  useEffect(
    () =>
      onSent(name, (sent) => {
        setDraft((before) => without(before, sent))
        setLost((before) => before.filter((file) => sent.attached?.includes(file) !== true))
      }),
    [name],
  )
  const onTheWay = useRef('')
  const shown = useShown()
  const change = useCallback((part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part })), [])
  const forgetLost = useCallback(() => setLost(NONE), [])
  const clear = useCallback(() => {
    latest.current = EMPTY_DRAFT
    keepDraft(name, EMPTY_DRAFT)
    setDraft(EMPTY_DRAFT)
    setLost(NONE)
  }, [name])
  const sendOff = useCallback(() => {
    onTheWay.current = draft.text
    setAway(draft.text)
    setDraft((before) => ({ ...before, text: '' }))
  }, [draft.text])
  const sent = useCallback(() => {
    setAway('')
    // The reader has gone elsewhere meanwhile; what was kept for a failure must not come back as if it were unsent.
    if (!shown.current) wereSent(name, { text: onTheWay.current })
  }, [name, shown])
  const comeBack = useCallback(() => {
    setAway('')
    setDraft((before) => ({ ...before, text: after(away, before.text) }))
  }, [away])
  return { draft, change, lost, forgetLost, clear, sendOff, sent, comeBack }
}
