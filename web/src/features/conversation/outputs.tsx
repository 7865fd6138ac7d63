// Produced files as cards.
import { downloadAddress, fileAddress, reveal, type FileCard } from '@api'
import { Button, LinkButton, cx } from '@kit'
import type { Item } from '@stream'
import { Download, Eye, FolderOpen } from 'lucide-react'
import { baseName, bytes } from '@lib/format'
import { visible } from '@lib/visible'
import { useSession } from './session'
import { useCommand } from './use-command'
import { words } from './words'

export function Outputs({ item }: { item: Extract<Item, { kind: 'outputs' }> }) {
  return (
    <ul aria-label={words.outputs.label} className="flex flex-col gap-2">
      {item.files.map((file) => (
        <Card key={file.path} file={file} />
      ))}
    </ul>
  )
}

function Card({ file }: { file: FileCard }) {
  const { task, onPreview } = useSession()
  const [busy, run] = useCommand()
  const name = visible(baseName(file.path), 'escape')
  const title = visible(file.title, 'escape')
  return (
    <li className="flex flex-wrap items-center gap-3 rounded-l border border-line bg-panel p-3">
      <Thumb file={file} />
      <div data-find className="min-w-40 flex-1">
        <p className="font-semibold break-words">{title === '' ? name : title}</p>
        <p className="text-s break-words text-soft">
          {title === '' || title === name ? '' : `${name} · `}
          {bytes(file.bytes)}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="s" icon={Eye} aria-label={words.outputs.previewOf(name)} onClick={() => onPreview(file.path)}>{words.outputs.preview}</Button>
        <LinkButton size="s" icon={Download} href={downloadAddress(task, file.path)} download aria-label={words.outputs.downloadOf(name)}>
          {words.outputs.download}
        </LinkButton>
        <Button
          size="s"
          icon={FolderOpen}
          busy={busy}
          aria-label={words.outputs.revealOf(name)}
          onClick={() => run(words.outputs.failed, () => reveal(task, file.path, 'folder'))}
        >
          {words.outputs.reveal}
        </Button>
      </div>
    </li>
  )
}

/** Pictures up to this size are their own thumbnail. */
const SMALL = 2_000_000

function Thumb({ file }: { file: FileCard }) {
  const { task } = useSession()
  if (file.media.startsWith('image/') && file.bytes <= SMALL) {
    return <img src={fileAddress(task, file.path)} alt="" loading="lazy" className="h-12 w-10 shrink-0 rounded-s border border-line bg-panel object-cover" />
  }
  const kind = /\.([a-z0-9]{1,5})$/i.exec(file.path)?.[1]?.toUpperCase() ?? 'FILE'
  return (
    <span aria-hidden className={cx('grid h-12 w-10 shrink-0 place-items-center rounded-s text-xs font-semibold', ground(kind))}>
      {kind.slice(0, 4)}
    </span>
  )
}

function ground(kind: string): string {
  if (['XLSX', 'XLS', 'CSV', 'TSV', 'ODS'].includes(kind)) return 'bg-ok-tint text-ok'
  if (['PDF', 'PPTX', 'PPT', 'ODP'].includes(kind)) return 'bg-bad-tint text-bad'
  if (['DOCX', 'DOC', 'ODT', 'MD', 'TXT', 'RTF'].includes(kind)) return 'bg-tint text-accent'
  return 'bg-warn-tint text-warn'
}
