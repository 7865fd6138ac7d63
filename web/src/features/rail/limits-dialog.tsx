// Changing where a task stops by itself.
import { useState } from 'react'
import { asApiError, send, type ApiError, type Limits } from '@api'
import { Button, Dialog, ErrorNote, TextField } from '@kit'
import { limitFields, limitOf, limitsOf, type LimitFields } from './limits'
import { words } from './words'

const said = words.usage

export function LimitsDialog({ task, limits, onClose }: { task: string; limits: Limits; onClose: () => void }) {
  const [fields, setFields] = useState<LimitFields>(() => limitFields(limits))
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError>()
  const wanted = limitsOf(fields)
  const save = () => {
    if (wanted === undefined) return
    setBusy(true)
    send(task, { type: 'set_limits', data: { limits: wanted } }).then(onClose, (failed: unknown) => {
      setBusy(false)
      setError(asApiError(failed))
    })
  }
  const field = (name: keyof LimitFields, label: string, hint?: string) => (
    <TextField
      label={label}
      hint={hint}
      value={fields[name]}
      inputMode="numeric"
      autoComplete="off"
      onChange={(event) => setFields({ ...fields, [name]: event.target.value })}
      error={limitOf(fields[name]) === undefined ? said.wrong : undefined}
    />
  )
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={said.limitsTitle}
      description={said.limitsAbout}
      size="s"
      footer={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button variant="primary" busy={busy} disabled={wanted === undefined} onClick={save}>
            {words.save}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4 py-1"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        {field('tokens', said.tokensLabel, said.tokensHint)}
        {field('steps', said.stepsLabel)}
        {field('minutes', said.minutesLabel, said.minutesHint)}
        {error !== undefined && <ErrorNote message={error.message} hint={error.hint} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  )
}
