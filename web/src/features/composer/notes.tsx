// Short remarks under the text: files that do not fit, files that were lost by a reload.
import { X } from 'lucide-react'
import { IconButton } from '@kit'
import { attachAgain, WORDS } from './words'

export interface NoteProps {
  readonly text: string | undefined
  readonly onClose: () => void
  /** Whether it is about something that went wrong just now. */
  readonly urgent?: boolean | undefined
}

export function Note({ text, onClose, urgent = false }: NoteProps) {
  if (text === undefined) return null
  return (
    <div role={urgent ? 'alert' : 'note'} className="mx-3 mt-3 flex items-start gap-2 rounded-m bg-warn-tint py-1 pr-1 pl-3 text-s">
      <p className="min-w-0 flex-1 py-1 break-words">{text}</p>
      <IconButton label={WORDS.close} icon={X} size="s" tip={false} onClick={onClose} />
    </div>
  )
}

export function LostFiles({ names, onClose }: { readonly names: readonly string[]; readonly onClose: () => void }) {
  return <Note text={names.length === 0 ? undefined : attachAgain(names)} onClose={onClose} />
}
