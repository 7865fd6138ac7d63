// What holds for the whole task, beside what is said in it.
import { useId, useState } from 'react'
import { Button, Dialog, TextArea } from '@kit'
import { INSTRUCTIONS, WORDS } from './words'

export interface InstructionsDialogProps {
  readonly text: string
  readonly onSave: (text: string) => void
  /** Back to the instructions of the settings; none where there is no such thing. */
  readonly onUsual?: (() => void) | undefined
  readonly onClose: () => void
}

export function InstructionsDialog({ text, onSave, onUsual, onClose }: InstructionsDialogProps) {
  const form = useId()
  const [typed, setTyped] = useState(text)
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    onSave(typed.trim())
    onClose()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={INSTRUCTIONS.title}
      description={INSTRUCTIONS.description}
      footer={
        <>
          {onUsual !== undefined && (
            <Button
              variant="quiet"
              onClick={() => {
                onUsual()
                onClose()
              }}
            >
              {INSTRUCTIONS.usual}
            </Button>
          )}
          <span className="flex-1" />
          <Button type="submit" form={form} variant="primary">
            {WORDS.save}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit}>
        <TextArea label={INSTRUCTIONS.label} hideLabel rows={8} placeholder={INSTRUCTIONS.placeholder} value={typed} onChange={(event) => setTyped(event.target.value)} />
      </form>
    </Dialog>
  )
}
