// What the task can see and reach: folders, permissions, tools that are off, connectors and skills.
import { Folder, FolderLock, FolderPlus, KeyRound, TriangleAlert, X } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import type { Folder as Granted, Grant } from '@api'
import { send } from '@api'
import { Button, Confirm, IconButton, Section, Told } from '@kit'
import { useView, type TaskStore } from '@stream'
import { AddFolder } from './add-folder'
import { Capped } from './capped'
import { sentence } from './permissions'
import { tell, wish } from './tell'
import { words } from './words'

const said = words.context
const SHOWN = 8

export function ContextSection({ store }: { store: TaskStore }) {
  const folders = useView(store, (view) => view.folders)
  const grants = useView(store, (view) => view.grants)
  const withdrawn = useView(store, (view) => view.withdrawn)
  return (
    <Section title={said.title} collapsible storageName="rail.context">
      <Folders task={store.id} folders={folders} />
      {grants.length > 0 && (
        <Part title={said.grants}>
          <Capped items={grants} most={SHOWN} list={(shown) => (
            <ul className="flex flex-col">
              {shown.map((grant) => (
                <GrantLine key={grant.id} task={store.id} grant={grant} />
              ))}
            </ul>
          )} />
        </Part>
      )}
      {withdrawn.length > 0 && (
        <Part title={said.withdrawn}>
          <ul className="flex flex-col gap-2">
            {withdrawn.map((tool) => (
              <li key={tool.tool} className="flex items-start gap-2">
                <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
                <span className="min-w-0 break-words">
                  <span className="font-medium">{tool.tool}</span>
                  <span className="block text-soft"><Told text={tool.reason} /></span>
                  {tool.hint !== '' && <span className="block text-soft"><Told text={tool.hint} /></span>}
                </span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={said.connectors}>
        <p className="text-soft">{said.none}</p>
      </Part>
    </Section>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="flex flex-col">
      <h3 className="py-1 text-xs text-soft">{title}</h3>
      {children}
    </div>
  )
}

function Folders({ task, folders }: { task: string; folders: readonly Granted[] }) {
  const [leaving, setLeaving] = useState<string>()
  const [adding, setAdding] = useState(false)
  return (
    <Part title={said.folders}>
      {folders.length === 0 && <p className="text-soft">{said.noFolders}</p>}
      <Capped items={folders} most={SHOWN} list={(shown) => (
        <ul className="flex flex-col">
          {shown.map((folder) => (
            <FolderLine key={folder.name} folder={folder} onRevoke={() => setLeaving(folder.name)} />
          ))}
        </ul>
      )} />
      <Button variant="quiet" size="s" icon={FolderPlus} className="-ml-2 self-start" onClick={() => setAdding(true)}>
        {said.add}
      </Button>
      {adding && <AddFolder task={task} onClose={() => setAdding(false)} />}
      <Confirm
        open={leaving !== undefined}
        onOpenChange={(open) => {
          if (!open) setLeaving(undefined)
        }}
        title={said.revokeFolderTitle(leaving ?? '')}
        description={said.revokeFolderAbout}
        action={said.revoke}
        danger
        onConfirm={() => (leaving === undefined ? undefined : send(task, { type: 'remove_folder', data: { name: leaving } }).catch(tell))}
      />
    </Part>
  )
}

function FolderLine({ folder, onRevoke }: { folder: Granted; onRevoke: () => void }) {
  const Icon = folder.access === 'read_only' ? FolderLock : Folder
  return (
    <li className="flex min-h-8 items-center gap-2" title={folder.path}>
      <Icon aria-hidden className="size-4 shrink-0 text-faint" />
      <span className="min-w-0 flex-1 truncate">{folder.name}</span>
      <span className="shrink-0 text-xs text-soft">{said.access[folder.access]}</span>
      <IconButton label={said.revokeFolder(folder.name)} icon={X} size="s" className="-mr-1" onClick={onRevoke} />
    </li>
  )
}

function GrantLine({ task, grant }: { task: string; grant: Grant }) {
  const text = sentence(grant)
  return (
    <li className="flex min-h-8 items-start gap-2">
      <KeyRound aria-hidden className="mt-1.5 size-4 shrink-0 text-faint" />
      <span className="min-w-0 flex-1 py-1 break-words">{text}</span>
      <IconButton label={said.revokeGrant(text)} icon={X} size="s" tip={false} className="-mr-1" onClick={() => wish(task, { type: 'revoke', data: { grant: grant.id } })} />
    </li>
  )
}
