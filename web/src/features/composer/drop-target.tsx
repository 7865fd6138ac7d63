// What the window shows while files are dragged over it: one calm place to let go.
import { FilePlus } from 'lucide-react'
import { createPortal } from 'react-dom'
import { useDrop } from './use-drop'
import type { AttachmentHold } from './use-attachments'
import { WORDS } from './words'

export interface DropTargetProps {
  readonly files: AttachmentHold
}

/** Takes files dropped anywhere in the window. */
export function DropTarget({ files }: DropTargetProps) {
  const over = useDrop((dropped) => {
    files.add(dropped.files)
    if (dropped.folder) files.complain(WORDS.folderDropped)
  })
  if (!over) return null
  return createPortal(
    <div className="pointer-events-none fixed inset-0 z-50 flex animate-fade items-center justify-center bg-veil p-4">
      <div className="flex w-full max-w-xl flex-col items-center gap-2 rounded-l border-2 border-dashed border-accent bg-panel px-6 py-12 text-center shadow-float">
        <FilePlus aria-hidden className="size-6 text-accent" />
        <p className="text-l font-semibold">{WORDS.drop}</p>
        <p className="max-w-md text-m text-soft">{WORDS.dropHint}</p>
      </div>
    </div>,
    document.body,
  )
}
