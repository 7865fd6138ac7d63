// Saving by itself: a change shows at once, goes out in order, and is taken back where the server refuses it.
import { asApiError, type ApiError, changeSettings, type Settings, type SettingsChange, settingsQuery } from '@api'
import { ErrorNote, Spinner } from '@kit'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { words } from './words'

/** How long "Saved" stays, in milliseconds. */
const SHOWN = 2500

/** How long after the last key a text is saved, in milliseconds. */
const PAUSE = 700

export interface Saving {
  readonly state: 'idle' | 'saving' | 'saved' | 'failed'
  readonly error: ApiError | undefined
  /** `saved` is called where the server took it. */
  readonly save: (change: SettingsChange, saved?: () => void) => void
  readonly again: () => void
}

/** One section's saving. Changes of all sections go out one after the other. */
export function useSaving(): Saving {
  const client = useQueryClient()
  const [quietFor, setQuietFor] = useState(0)
  const mutation = useMutation({
    mutationFn: changeSettings,
    scope: { id: 'settings' },
    onMutate: async (change: SettingsChange) => {
      await client.cancelQueries({ queryKey: settingsQuery.queryKey })
      const before = client.getQueryData(settingsQuery.queryKey)
      if (before !== undefined) client.setQueryData(settingsQuery.queryKey, merged(before, change))
      return { before }
    },
    onSuccess: (settings) => {
      client.setQueryData(settingsQuery.queryKey, settings)
    },
    onError: (_error, _change, kept) => {
      if (kept?.before !== undefined) client.setQueryData(settingsQuery.queryKey, kept.before)
    },
  })
  const { isSuccess, submittedAt } = mutation
  useEffect(() => {
    if (!isSuccess) return
    const timer = setTimeout(() => setQuietFor(submittedAt), SHOWN)
    return () => clearTimeout(timer)
  }, [isSuccess, submittedAt])
  return {
    state: mutation.isPending ? 'saving' : mutation.isError ? 'failed' : isSuccess && submittedAt !== quietFor ? 'saved' : 'idle',
    error: mutation.isError ? asApiError(mutation.error) : undefined,
    save: (change, saved) => mutation.mutate(change, saved === undefined ? {} : { onSuccess: saved }),
    again: () => {
      if (mutation.variables !== undefined) mutation.mutate(mutation.variables)
    },
  }
}

function merged(settings: Settings, change: SettingsChange): Settings {
  return {
    ...settings,
    default_mode: change.default_mode ?? settings.default_mode,
    // An empty text takes the choice back.
    default_model: change.default_model === '' ? null : (change.default_model ?? settings.default_model ?? null),
    instructions: change.instructions ?? settings.instructions,
    limits: change.limits ?? settings.limits,
    // Hosts show once the server has read them.
    network: { ...settings.network, allow: change.network?.allow ?? settings.network.allow },
    journal_quota_mib: change.journal_quota_mib ?? settings.journal_quota_mib,
  }
}

/** "Saving…", then "Saved" for a moment. Keeps its place so that nothing moves. */
export function SavedMark({ saving }: { saving: Saving }) {
  return (
    <span role="status" className="inline-flex h-5 items-center gap-1 text-s text-soft">
      {saving.state === 'saving' && <Spinner label={words.saving} />}
      {saving.state === 'saved' && (
        <>
          <Check aria-hidden className="size-4 text-ok" />
          {words.saved}
        </>
      )}
    </span>
  )
}

/** What the server refused, with its next step. */
export function SaveError({ saving }: { saving: Saving }) {
  if (saving.error === undefined) return null
  const { message, hint } = saving.error
  return <ErrorNote message={`${words.notSaved}: ${message}`} hint={hint} onRetry={() => saving.again()} />
}

export interface Draft {
  readonly text: string
  readonly change: (text: string) => void
  /** Saves now what is not saved yet: when the field is left. */
  readonly flush: () => void
}

/** A text that saves itself after a pause, when its field is left, and when its page is left. */
export function useDraft(stored: string, save: (text: string) => void): Draft {
  const [text, setText] = useState<string>()
  const waiting = useRef<{ text: string; timer: ReturnType<typeof setTimeout> }>(undefined)
  const saver = useRef(save)
  useEffect(() => {
    saver.current = save
  })
  const flush = () => {
    const left = waiting.current
    if (left === undefined) return
    clearTimeout(left.timer)
    waiting.current = undefined
    saver.current(left.text)
  }
  useEffect(
    () => () => {
      const left = waiting.current
      if (left === undefined) return
      clearTimeout(left.timer)
      waiting.current = undefined
      saver.current(left.text)
    },
    [],
  )
  return {
    text: text ?? stored,
    change: (typed) => {
      setText(typed)
      if (waiting.current !== undefined) clearTimeout(waiting.current.timer)
      waiting.current = { text: typed, timer: setTimeout(flush, PAUSE) }
    },
    flush,
  }
}
