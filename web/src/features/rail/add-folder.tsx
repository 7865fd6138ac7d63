// Granting one more folder, by its path. The server checks it and names it.
import { useState } from 'react'
import { asApiError, send, type ApiError } from '@api'
import { Button, Dialog, Switch, TextField, Told, toast } from '@kit'
import { baseName } from '@lib/format'
import { words } from './words'

const said = words.context

export function AddFolder({ task, onClose }: { task: string; onClose: () => void }) {
  const [path, setPath] = useState('')
  const [readOnly, setReadOnly] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError>()
  const add = () => {
    const wanted = path.trim()
    if (wanted === '') return
    setBusy(true)
    send(task, { type: 'add_folder', data: { name: '', path: wanted, access: readOnly ? 'read_only' : 'read_write' } }).then(
      () => {
        toast(said.added(baseName(wanted)))
        onClose()
      },
      (failed: unknown) => {
        setBusy(false)
        setError(asApiError(failed))
      },
    )
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={said.addTitle}
      description={said.addAbout}
      size="s"
      footer={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button variant="primary" busy={busy} disabled={path.trim() === ''} onClick={add}>
            {said.addAction}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4 py-1"
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <TextField
          label={said.path}
          hint={said.pathHint}
          value={path}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setPath(event.target.value)}
          error={error === undefined ? undefined : <Told text={[error.message, error.hint].filter((part) => part !== undefined).join('. ')} />}
        />
        <Switch label={said.readOnly} hint={said.readOnlyHint} checked={readOnly} onCheckedChange={setReadOnly} />
      </form>
    </Dialog>
  )
}
