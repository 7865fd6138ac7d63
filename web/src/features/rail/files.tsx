// Files of the task: pinned, attached, produced, changed; Undo for one, for a turn, for all.
import { FilePlus2, FilePen, FileX2, FolderTree, Redo2, Undo2, type LucideIcon } from 'lucide-react'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { ChangeKind, UndoSelection } from '@api'
import { Boundary, Button, Dialog, Menu, MenuItem, MenuSeparator, Section, Unfetched, cx } from '@kit'
import { useTurns, useView, type TaskStore } from '@stream'
import { Capped } from './capped'
import { FileRow } from './file-row'
import { words } from './words'

const BrowseDialog = lazy(() => import('./browse').then((module) => ({ default: module.BrowseDialog })))

/** Lines shown of a list before the rest is asked for. */
const SHOWN = 8
const said = words.files

export interface FilesProps {
  store: TaskStore
  onPreview: (path: string) => void
  onUndo: (selection: UndoSelection) => void
}

export function FilesSection({ store, onPreview, onUndo }: FilesProps) {
  const pinned = useView(store, (view) => view.pinned_files)
  const uploads = useView(store, (view) => view.uploads)
  const outputs = useView(store, (view) => view.outputs)
  const changed = useView(store, (view) => view.changed)
  const [browsing, setBrowsing] = useState(false)
  const row = { task: store.id, onPreview }
  const undoable = new Set(changed.map((change) => change.path))
  const undoPath = (path: string) => (undoable.has(path) ? (wanted: string) => onUndo({ path: wanted }) : undefined)
  const marks = new Map(changed.map((change) => [change.path, change.kind]))
  const produced = new Set(outputs.map((output) => output.path))
  // What was produced is listed above with the same mark; once is enough. A produced file that was deleted is news.
  const others = changed.filter((change) => change.kind === 'deleted' || !produced.has(change.path))
  const attached = [...new Set(uploads.map((upload) => `/uploads/${upload.name}`))]
  const none = pinned.length + attached.length + outputs.length + changed.length === 0
  return (
    <Section title={said.title} collapsible storageName="rail.files" aside={changed.length > 0 && <UndoMenu store={store} onUndo={onUndo} />}>
      {none && <p className="text-soft">{said.empty}</p>}
      <Part title={said.pinned} items={pinned} line={(path) => <FileRow key={path} {...row} path={path} pinned onUndo={undoPath(path)} />} />
      <Part title={said.attached} items={attached} line={(path) => <FileRow key={path} {...row} path={path} pinned={pinned.includes(path)} />} />
      <Part
        title={said.produced}
        items={outputs.filter((output) => marks.get(output.path) !== 'deleted')}
        line={({ path }) => <FileRow key={path} {...row} path={path} kind={marks.get(path)} pinned={pinned.includes(path)} onUndo={undoPath(path)} mark={<ChangeMark kind={marks.get(path)} />} />}
      />
      <Part
        title={said.changed}
        items={others.toReversed()}
        line={(change) => (
          <FileRow key={change.path} {...row} path={change.path} kind={change.kind} pinned={pinned.includes(change.path)} onUndo={undoPath(change.path)} mark={<ChangeMark kind={change.kind} />} />
        )}
      />
      <Button variant="quiet" size="s" icon={FolderTree} className="-ml-2 self-start" onClick={() => setBrowsing(true)}>
        {said.browse}
      </Button>
      {browsing && (
        <Boundary fallback={<Dialog open onOpenChange={() => setBrowsing(false)} title={said.browse}><Unfetched /></Dialog>}>
          <Suspense fallback={null}>
            <BrowseDialog
              task={store.id}
              onClose={() => setBrowsing(false)}
              onPreview={(path) => {
                setBrowsing(false)
                onPreview(path)
              }}
            />
          </Suspense>
        </Boundary>
      )}
    </Section>
  )
}

function Part<T>({ title, items, line }: { title: string; items: readonly T[]; line: (item: T) => ReactNode }) {
  if (items.length === 0) return null
  return (
    <div className="flex flex-col">
      <h3 className="py-1 text-xs text-soft">{title}</h3>
      <Capped items={items} most={SHOWN} list={(shown) => <ul className="flex flex-col">{shown.map(line)}</ul>} />
    </div>
  )
}

const MARKS: Readonly<Record<ChangeKind, { icon: LucideIcon; ink: string }>> = {
  made: { icon: FilePlus2, ink: 'text-ok' },
  changed: { icon: FilePen, ink: 'text-warn' },
  deleted: { icon: FileX2, ink: 'text-bad' },
}

function ChangeMark({ kind }: { kind: ChangeKind | undefined }) {
  if (kind === undefined) return null
  const { icon: Icon, ink } = MARKS[kind]
  return (
    <span className={cx('flex shrink-0 items-center gap-1 text-xs', ink)}>
      <Icon aria-hidden className="size-3" />
      {said.kinds[kind]}
    </span>
  )
}

/** Undo for more than one file; each choice shows first what it would do. */
function UndoMenu({ store, onUndo }: { store: TaskStore; onUndo: (selection: UndoSelection) => void }) {
  const turns = useTurns(store)
  const withChanges = turns.filter((turn) => turn.changed > 0).toReversed()
  const [last, ...earlier] = withChanges
  return (
    <Menu
      label={said.undoLabel}
      align="end"
      trigger={
        <Button variant="quiet" size="s" className="-mr-2" aria-label={said.undoLabel}>
          {said.undo}
        </Button>
      }
    >
      {last !== undefined && (
        <MenuItem icon={Undo2} onSelect={() => onUndo({ turn: last.turn })}>
          {said.undoLast}
        </MenuItem>
      )}
      {earlier.slice(0, 4).map((turn) => (
        <MenuItem key={turn.turn} icon={Undo2} onSelect={() => onUndo({ turn: turn.turn })}>
          {said.undoTurn(turn.turn)}
        </MenuItem>
      ))}
      <MenuItem icon={Undo2} hint={said.undoTaskHint} onSelect={() => onUndo({})}>
        {said.undoTask}
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={Redo2} onSelect={() => onUndo({ redo: true })}>
        {said.redo}
      </MenuItem>
    </Menu>
  )
}
