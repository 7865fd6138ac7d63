// What holds for the whole task, in the user's words.
import { useState } from 'react'
import { Button, FormDialog, Section, TextArea } from '@kit'
import { Folded } from './folded'
import { useSending } from './use-sending'
import { words } from './words'

const LONG = 320
const said = words.instructions

export function InstructionsSection({ task, text }: { task: string; text: string }) {
  const [editing, setEditing] = useState(false)
  return (
    <Section
      title={said.title}
      collapsible
      storageName="rail.instructions"
      aside={
        <Button variant="quiet" size="s" className="-mr-2" aria-label={said.editLabel} onClick={() => setEditing(true)}>
          {words.edit}
        </Button>
      }
    >
      {text === '' ? (
        <p className="text-soft">{said.empty}</p>
      ) : (
        <Folded long={text.length > LONG} more={said.more} less={said.less}>
          <p dir="auto" className="whitespace-pre-wrap">
            {text}
          </p>
        </Folded>
      )}
      {editing && <Edit task={task} text={text} onClose={() => setEditing(false)} />}
    </Section>
  )
}

function Edit({ task, text, onClose }: { task: string; text: string; onClose: () => void }) {
  const [draft, setDraft] = useState(text)
  const { busy, error, go } = useSending(task, onClose)
  const save = () => go({ type: 'set_instructions', data: { text: draft.trim() } })
  return (
    <FormDialog title={said.label} action={words.save} onSubmit={save} onClose={onClose} busy={busy} error={error}>
      <TextArea
        label={said.label}
        hideLabel
        hint={said.hint}
        rows={10}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) event.currentTarget.form?.requestSubmit()
        }}
      />
    </FormDialog>
  )
}
