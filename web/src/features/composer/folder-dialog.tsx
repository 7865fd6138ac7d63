// Choosing a folder of the computer Deskhand runs on: walk, filter, or type a path; then read and write, or only read.
import { useState } from 'react'
import { Button, Dialog, Switch } from '@kit'
import type { FolderRequest } from '@api'
import { folderName } from './browse'
import { FolderBrowser } from './folder-browser'
import { useBrowser } from './use-browser'
import { FOLDER, PLACES, takeFolder, WORDS } from './words'

export interface FolderDialogProps {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly onChoose: (folder: FolderRequest) => void
}

export function FolderDialog({ open, onOpenChange, onChoose }: FolderDialogProps) {
  return open ? <Opened onOpenChange={onOpenChange} onChoose={onChoose} /> : null
}

function Opened({ onOpenChange, onChoose }: Omit<FolderDialogProps, 'open'>) {
  const browser = useBrowser()
  const [readOnly, setReadOnly] = useState(false)
  const { listing, home, usable } = browser
  const choose = () => {
    if (listing === undefined || !usable) return
    onOpenChange(false)
    onChoose({ path: listing.path, access: readOnly ? 'read_only' : 'read_write' })
  }
  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      title={FOLDER.title}
      description={FOLDER.description}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{WORDS.cancel}</Button>
          <Button variant="primary" disabled={!usable} onClick={choose} className="max-w-64">
            <span className="truncate">{takeFolder(listing === undefined ? '' : folderName(listing.path, home, PLACES))}</span>
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <FolderBrowser browser={browser} onUse={choose} />
        <Switch label={FOLDER.readOnly} hint={FOLDER.readOnlyHint} checked={readOnly} onCheckedChange={setReadOnly} />
      </div>
    </Dialog>
  )
}
