// What holds for the whole task, beside what is said in it.
import { useState } from 'react'
import { FormDialog, TextArea } from '@kit'
import { UsualButton } from './usual-button'
import { INSTRUCTIONS, WORDS } from './words'

export interface InstructionsDialogProps {
  readonly text: string
  readonly onSave: (text: string) => void
  /** Back to the instructions of the settings; none where there is no such thing. */
  readonly onUsual?: (() => void) | undefined
  readonly onClose: () => void
}

export function InstructionsDialog({ text, onSave, onUsual, onClose }: InstructionsDialogProps) {
  const [typed, setTyped] = useState(text)
  const submit = () => {
    onSave(typed.trim())
    onClose()
  }
  return (
    <FormDialog
      title={INSTRUCTIONS.title}
      description={INSTRUCTIONS.description}
      action={WORDS.save}
      onSubmit={submit}
      onClose={onClose}
      aside={onUsual !== undefined && <UsualButton label={INSTRUCTIONS.usual} onUsual={onUsual} onClose={onClose} />}
    >
      <TextArea label={INSTRUCTIONS.label} hideLabel rows={8} placeholder={INSTRUCTIONS.placeholder} value={typed} onChange={(event) => setTyped(event.target.value)} />
    </FormDialog>
  )
}
