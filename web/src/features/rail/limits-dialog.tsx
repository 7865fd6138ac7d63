// Changing where a task stops by itself.
import { useState } from 'react'
import type { Limits } from '@api'
import { FormDialog, TextField } from '@kit'
import { limitFields, type LimitFields, type LimitName, readLimit, readLimits } from '@lib/limits'
import { useSending } from './use-sending'
import { words } from './words'

const said = words.usage

export function LimitsDialog({ task, limits, onClose }: { task: string; limits: Limits; onClose: () => void }) {
  const [fields, setFields] = useState<LimitFields>(() => limitFields(limits))
  const { busy, error, go } = useSending(task, onClose)
  const wanted = readLimits(fields)
  const save = () => {
    if (wanted !== undefined) go({ type: 'set_limits', data: { limits: wanted } })
  }
  const field = (name: LimitName, label: string, hint?: string) => (
    <TextField
      label={label}
      hint={hint}
      value={fields[name]}
      inputMode="numeric"
      autoComplete="off"
      onChange={(event) => setFields({ ...fields, [name]: event.target.value })}
      error={readLimit(name, fields[name]).wrong}
    />
  )
  return (
    <FormDialog
      title={said.limitsTitle}
      description={said.limitsAbout}
      size="s"
      action={words.save}
      onSubmit={save}
      onClose={onClose}
      busy={busy}
      disabled={wanted === undefined}
      error={error}
    >
      {field('tokens', said.tokensLabel, said.tokensHint)}
      {field('steps', said.stepsLabel)}
      {field('minutes', said.minutesLabel, said.minutesHint)}
    </FormDialog>
  )
}
