// The files that go with the message: a small picture or a sign, name, size, and the way to take each off again.
import { File, X } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '@kit'
import { bytes } from '@lib/format'
import type { Attached } from './attachments'
import { attachedLabel, removeFile, WORDS } from './words'

export interface AttachmentChipsProps {
  readonly attached: readonly Attached[]
  readonly onRemove: (id: number) => void
}

export function AttachmentChips({ attached, onRemove }: AttachmentChipsProps) {
  if (attached.length === 0) return null
  return (
    <ul aria-label={WORDS.attachments} className="flex max-h-32 flex-wrap gap-2 overflow-y-auto px-3 pt-3">
      {attached.map(({ id, file, picture }) => (
        <li
          key={id}
          title={attachedLabel(file.name, file.size)}
          className="flex max-w-full min-w-0 items-center gap-2 rounded-m border border-line bg-bg p-1 text-s"
        >
          <Thumb picture={picture} />
          <span className="min-w-0">
            <span className="block max-w-48 truncate">{file.name}</span>
            <span className="block text-xs text-faint">{bytes(file.size)}</span>
          </span>
          <IconButton label={removeFile(file.name)} icon={X} size="s" tip={false} onClick={() => onRemove(id)} />
        </li>
      ))}
    </ul>
  )
}

/** A small picture, or the sign of a file where there is none or it cannot be shown. */
function Thumb({ picture }: { readonly picture: string | undefined }) {
  const [broken, setBroken] = useState(false)
  if (picture !== undefined && !broken) {
    return <img src={picture} alt="" onError={() => setBroken(true)} className="size-8 shrink-0 rounded-s object-cover" />
  }
  return (
    <span className="flex size-8 shrink-0 items-center justify-center rounded-s bg-side text-soft">
      <File aria-hidden className="size-4" />
    </span>
  )
}
