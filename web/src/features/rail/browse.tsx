// All files of a task as a tree: its folders, what it made, what it was given. A folder is asked for when it opens.
import { useQuery } from '@tanstack/react-query'
import { ChevronRight, Folder, FolderOpen } from 'lucide-react'
import { useState } from 'react'
import { asApiError, listingQuery, type FileInfo } from '@api'
import { Dialog, ErrorNote, Skeleton, cx } from '@kit'
import { bytes as sized } from '@lib/format'
import { FileIcon } from './file-icon'
import { words } from './words'

const said = words.browse
/** Entries shown of one folder. */
const MOST = 500

export interface BrowseProps {
  task: string
  onPreview: (path: string) => void
  onClose: () => void
}

export function BrowseDialog({ task, onPreview, onClose }: BrowseProps) {
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={said.title}
      description={said.about}
      size="m"
    >
      <Level task={task} path={undefined} label={said.tree} onPreview={onPreview} />
    </Dialog>
  )
}

interface LevelProps {
  task: string
  path: string | undefined
  label: string
  onPreview: (path: string) => void
}

function Level({ task, path, label, onPreview }: LevelProps) {
  const listing = useQuery(listingQuery(task, path))
  if (listing.isPending) return <Skeleton lines={3} className="py-2 pl-6" />
  if (listing.isError) {
    const { message, hint } = asApiError(listing.error)
    return <ErrorNote message={message} hint={hint} onRetry={() => void listing.refetch()} />
  }
  const entries = listing.data
  if (entries.length === 0) return <p className="py-1 pl-6 text-s text-soft">{said.empty}</p>
  return (
    <>
      <ul aria-label={label} className={cx('flex flex-col', path !== undefined && 'ml-2 border-l border-line pl-2')}>
        {sorted(entries).slice(0, MOST).map((entry) => (
          <li key={entry.path}>
            {entry.kind === 'folder' ? (
              <FolderLine task={task} entry={entry} place={path === undefined} onPreview={onPreview} />
            ) : (
              <FileLine entry={entry} onPreview={onPreview} />
            )}
          </li>
        ))}
      </ul>
      {entries.length > MOST && <p className="py-1 pl-6 text-xs text-soft">{said.cut(MOST, entries.length)}</p>}
    </>
  )
}

/** Folders first, then by name as people order names. */
function sorted(entries: readonly FileInfo[]): readonly FileInfo[] {
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
  return entries.toSorted((a, b) => (a.kind === b.kind ? order.compare(a.name, b.name) : a.kind === 'folder' ? -1 : 1))
}

function placeName(entry: FileInfo): string {
  if (entry.path === '/outputs') return said.places.outputs
  return entry.path === '/uploads' ? said.places.uploads : entry.name
}

const LINE = 'flex min-h-8 w-full items-center gap-2 rounded-s px-2 text-left text-s hover:bg-hover pointer-coarse:min-h-10'

function FolderLine({ task, entry, place, onPreview }: { task: string; entry: FileInfo; place: boolean; onPreview: (path: string) => void }) {
  const [open, setOpen] = useState(false)
  const name = place ? placeName(entry) : entry.name
  const Icon = open ? FolderOpen : Folder
  return (
    <>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className={LINE}>
        <ChevronRight aria-hidden className={cx('size-4 shrink-0 text-faint transition-transform', open && 'rotate-90')} />
        <Icon aria-hidden className="size-4 shrink-0 text-soft" />
        <span className="min-w-0 truncate">{name}</span>
      </button>
      {open && <Level task={task} path={entry.path} label={said.folder(name)} onPreview={onPreview} />}
    </>
  )
}

function FileLine({ entry, onPreview }: { entry: FileInfo; onPreview: (path: string) => void }) {
  return (
    <button type="button" onClick={() => onPreview(entry.path)} title={entry.path} className={LINE}>
      <span aria-hidden className="size-4 shrink-0" />
      <FileIcon name={entry.name} />
      <span className="min-w-0 flex-1 truncate">{entry.name}</span>
      <span className="shrink-0 text-xs text-soft tabular-nums">{sized(entry.bytes)}</span>
    </button>
  )
}
