// Granting one more folder, by its path. The server checks it and names it.
import { useState } from 'react'
import { FormDialog, Switch, TextField, Told, toast } from '@kit'
import { baseName } from '@lib/format'
import { useSending } from './use-sending'
import { words } from './words'

const said = words.context

export function AddFolder({ task, onClose }: { task: string; onClose: () => void }) {
  const [path, setPath] = useState('')
  const [readOnly, setReadOnly] = useState(false)
  const wanted = path.trim()
  const { busy, error, go } = useSending(task, () => {
    toast(said.added(baseName(wanted)))
    onClose()
  })
  return (
    <FormDialog
      title={said.addTitle}
      description={said.addAbout}
      size="s"
      action={said.addAction}
      onSubmit={() => go({ type: 'add_folder', data: { name: '', path: wanted, access: readOnly ? 'read_only' : 'read_write' } })}
      onClose={onClose}
      busy={busy}
      disabled={wanted === ''}
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
    </FormDialog>
  )
}
