// Starting a task: everything chosen becomes one request; what goes wrong leaves the draft as it was.
import { useCallback, useState, useSyncExternalStore } from 'react'
import { createTask, tryExample } from '@api'
import type { ApiError } from '@api'
import { announce, toast } from '@kit'
import { uploadsOf } from './attachments'
import { NEW_DRAFT, wereSent } from './draft'
import { failureOf } from './failing'
import { rememberFolders } from './recent-folders'
import { begin, onStarting, starting } from './starting'
import { useAttachments } from './use-attachments'
import type { AttachmentHold } from './use-attachments'
import { useChoice } from './use-choice'
import type { ChoiceHold } from './use-choice'
import { useDraft } from './use-draft'
import type { DraftHold } from './use-draft'
import { useOffers } from './use-offers'
import type { Offers } from './use-offers'
import { useShown } from './use-shown'
import { notStarted, WORDS } from './words'

export interface NewTaskHold {
  readonly hold: DraftHold
  readonly files: AttachmentHold
  readonly offers: Offers
  readonly choice: ChoiceHold
  readonly busy: boolean
  readonly failure: ApiError | undefined
  /** Why it cannot be started yet. */
  readonly reason: string | undefined
  readonly start: () => void
  readonly example: () => void
}

export function useNewTask(onCreated: (id: string) => void): NewTaskHold {
  const files = useAttachments()
  const hold = useDraft(NEW_DRAFT, files.attached)
  const offers = useOffers()
  const { draft } = hold
  const choice = useChoice(draft, hold.change, offers)
  // Also what another one of this composer began, before the reader went elsewhere and came back.
  const busy = useSyncExternalStore(onStarting, starting)
  const shown = useShown()
  const [failure, setFailure] = useState<ApiError | undefined>(undefined)
  const missing = offers.known && choice.model === undefined ? WORDS.noModel : undefined
  const reason = draft.text.trim() === '' ? WORDS.empty : missing
  const run = useCallback(
    (making: () => Promise<string>) => {
      const end = begin()
      setFailure(undefined)
      making()
        .then((id) => {
          // Who has gone elsewhere meanwhile stays there; the task stands in the list.
          if (shown.current) onCreated(id)
        })
        .catch((error: unknown) => {
          const failed = failureOf(error)
          if (shown.current) setFailure(failed)
          else toast(notStarted(failed.message, failed.hint), { tone: 'bad' })
        })
        .finally(end)
    },
    [onCreated, shown],
  )
  const make = async () => {
    const attachments = await uploadsOf(files.attached)
    const id = await createTask({
      prompt: draft.text,
      folders: [...draft.folders],
      attachments,
      mode: draft.mode ?? null,
      // The model of the settings is the daemon's to find.
      model: choice.model === offers.usual ? null : (choice.model ?? null),
      effort: choice.effort ?? null,
      instructions: draft.instructions ?? null,
      limits: draft.limits ?? null,
    })
    rememberFolders(draft.folders)
    if (shown.current) {
      hold.clear()
      files.clear()
    } else wereSent(NEW_DRAFT, { ...draft, attached: [...hold.lost, ...files.attached.map((it) => it.file.name)] })
    return id
  }
  const start = () => {
    if (busy) return
    if (reason === undefined) run(make)
    else announce(reason)
  }
  const example = useCallback(() => run(tryExample), [run])
  return { hold, files, offers, choice, busy, failure, reason, start, example }
}
