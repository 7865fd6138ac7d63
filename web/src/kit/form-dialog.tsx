// A dialog that holds one form: its fields, what went wrong with them, and the buttons under it.
import { useId, type FormEvent, type ReactNode } from 'react'
import { Button } from './button'
import { Dialog, type DialogProps } from './dialog'
import { ErrorNote, type ErrorNoteProps } from './note'
import { words } from './words'

export interface FormDialogProps extends Pick<DialogProps, 'title' | 'description' | 'size'> {
  /** The fields. */
  children: ReactNode
  /** The word on the main button: a verb. */
  action: string
  /** The main button, or Enter in a one-line field. */
  onSubmit: () => void
  onClose: () => void
  /** It is under way: further presses do nothing. */
  busy?: boolean | undefined
  /** What was typed cannot be sent as it is. */
  disabled?: boolean | undefined
  /** Why it was refused. */
  error?: Pick<ErrorNoteProps, 'message' | 'hint'> | undefined
  /** A button apart from Cancel and the main one. */
  aside?: ReactNode
}

export function FormDialog({ title, description, size, children, action, onSubmit, onClose, busy = false, disabled = false, error, aside }: FormDialogProps) {
  const form = useId()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!busy && !disabled) onSubmit()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={title}
      description={description}
      size={size}
      footer={
        <>
          {aside}
          <span className="flex-1" />
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button type="submit" form={form} variant="primary" busy={busy} disabled={disabled}>
            {action}
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={submit} className="flex flex-col gap-4 py-1">
        {children}
        {error !== undefined && <ErrorNote message={error.message} hint={error.hint} />}
      </form>
    </Dialog>
  )
}
