// Choosing files to attach: the button, and the browser's own file dialog behind it.
import { Paperclip } from 'lucide-react'
import type { ChangeEvent } from 'react'
import { Button, IconButton } from '@kit'
import { WORDS } from './words'

/** Opens the file dialog of the button whose input has this id. */
export function openFiles(input: string): void {
  document.getElementById(input)?.click()
}

export interface AttachButtonProps {
  /** The id of the input behind the button. */
  readonly input: string
  readonly onFiles: (files: readonly File[]) => void
  readonly disabled?: boolean | undefined
  /** Only the sign, where there is little room. */
  readonly small?: boolean | undefined
}

export function AttachButton({ input, onFiles, disabled, small = false }: AttachButtonProps) {
  const open = () => openFiles(input)
  const taken = (event: ChangeEvent<HTMLInputElement>) => {
    onFiles(Array.from(event.target.files ?? []))
    // So that the same file can be chosen again after it was taken off.
    event.target.value = ''
  }
  return (
    <>
      <input id={input} type="file" multiple hidden aria-label={WORDS.attachLabel} onChange={taken} />
      {small ? (
        <IconButton label={WORDS.attachLabel} icon={Paperclip} variant="outline" onClick={open} disabled={disabled} />
      ) : (
        <Button icon={Paperclip} onClick={open} disabled={disabled} aria-label={WORDS.attachLabel}>
          <span className="max-sm:sr-only">{WORDS.attach}</span>
        </Button>
      )}
    </>
  )
}
