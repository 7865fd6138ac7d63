// What is kept for Undo: how much, what it may cost, and giving up that of one task.
import { asApiError, emptyJournal, type JournalTask, type JournalUsage, journalQuery, type Settings } from '@api'
import { Button, Confirm, Meter, Skeleton, TextField, toast } from '@kit'
import { day } from '@lib/format'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type SyntheticEvent, useState } from 'react'
import { FailedNote, Group, Pane, WithSettings } from './pane'
import { SavedMark, SaveError, type Saving, useSaving } from './saving'
import { keptSize, quotaText, readQuota } from './storage-text'
import { words } from './words'

const text = words.storage

/** Tasks that are listed. */
const LISTED = 20

export function Storage() {
  const saving = useSaving()
  const usage = useQuery(journalQuery)
  return (
    <Pane title={words.sections.storage} intro={text.intro} aside={<SavedMark saving={saving} />}>
      <SaveError saving={saving} />
      <Group title={text.title}>
        <div className="flex flex-col gap-6 pt-4">
          {usage.isPending && <Skeleton lines={2} />}
          {usage.isError && <FailedNote error={usage.error} what={text.failed} onRetry={() => void usage.refetch()} />}
          {usage.data !== undefined && <Kept usage={usage.data} />}
          <WithSettings>
            {(settings) => <Quota key={settings.journal_quota_mib} settings={settings} saving={saving} />}
          </WithSettings>
        </div>
      </Group>
      {usage.data !== undefined && <Largest usage={usage.data} />}
    </Pane>
  )
}

function Kept({ usage }: { usage: JournalUsage }) {
  const { bytes, quota_bytes: quota } = usage
  if (quota == null) return <p className="text-m text-ink">{text.meterFree(keptSize(bytes))}</p>
  const share = bytes / quota
  const said = text.meter(keptSize(bytes), keptSize(quota))
  return (
    <div className="flex flex-col gap-2">
      <p className="text-m text-ink">{said}</p>
      <Meter value={share} label={said} tone={share >= 0.9 ? 'warn' : 'accent'} />
      {share > 1 && <p className="text-s text-soft">{text.over}</p>}
    </div>
  )
}

/** Saved with a press, not while it is typed: a number half typed would give up what it leaves no room for. */
function Quota({ settings, saving }: { settings: Settings; saving: Saving }) {
  const client = useQueryClient()
  const stored = settings.journal_quota_mib
  const [typed, setTyped] = useState(quotaText(stored))
  const { mib, wrong } = readQuota(typed)
  const unchanged = typed === quotaText(stored)
  const submit = (event: SyntheticEvent) => {
    event.preventDefault()
    if (wrong !== undefined || unchanged) return
    saving.save({ journal_quota_mib: mib }, () => void client.invalidateQueries({ queryKey: journalQuery.queryKey }))
  }
  return (
    <form className="flex max-w-md flex-col items-start gap-3" onSubmit={submit}>
      <div className="w-full">
        <TextField
          label={text.quota}
          hint={text.quotaHint}
          inputMode="decimal"
          autoComplete="off"
          placeholder={words.limits.noLimit}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          error={wrong}
        />
      </div>
      <Button type="submit" size="s" disabled={wrong !== undefined || unchanged}>
        {text.save}
      </Button>
    </form>
  )
}

function Largest({ usage }: { usage: JournalUsage }) {
  const [chosen, setChosen] = useState<JournalTask>()
  const more = usage.tasks.length - LISTED
  return (
    <Group title={text.largest}>
      {usage.tasks.length === 0 && <p className="py-4 text-m text-soft">{text.empty}</p>}
      <ul>
        {usage.tasks.slice(0, LISTED).map((task) => (
          <TaskRow key={task.task} task={task} onGiveUp={() => setChosen(task)} />
        ))}
      </ul>
      {more > 0 && <p className="py-3 text-s text-soft">{text.more(more)}</p>}
      {chosen !== undefined && <GiveUp task={chosen} onClose={() => setChosen(undefined)} />}
    </Group>
  )
}

function titleOf(task: JournalTask): string {
  return task.title == null || task.title === '' ? text.untitled : task.title
}

function TaskRow({ task, onGiveUp }: { task: JournalTask; onGiveUp: () => void }) {
  const [now] = useState(() => Date.now())
  const since = task.oldest == null ? '' : ` · ${text.since(day(task.oldest, now))}`
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-48">
        <p className="text-m break-words text-ink">{titleOf(task)}</p>
        <p className="text-s text-soft">{`${keptSize(task.bytes)}${since}`}</p>
      </div>
      <Button size="s" aria-label={text.giveUpNamed(titleOf(task))} onClick={onGiveUp}>
        {text.giveUp}
      </Button>
    </li>
  )
}

function GiveUp({ task, onClose }: { task: JournalTask; onClose: () => void }) {
  const client = useQueryClient()
  const giving = useMutation({
    mutationFn: emptyJournal,
    onSuccess: (bytes) => {
      void client.invalidateQueries({ queryKey: journalQuery.queryKey })
      toast(text.gone(keptSize(bytes)))
    },
    onError: (error) => toast(asApiError(error).message, { tone: 'bad' }),
  })
  return (
    <Confirm
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={text.confirmTitle}
      description={text.confirm(titleOf(task), keptSize(task.bytes))}
      action={text.confirmAction}
      danger
      onConfirm={() => giving.mutateAsync(task.task).then(onClose, onClose)}
    />
  )
}
