// The viewer for a kind of file. Each one is loaded when it is first needed.
import { FileQuestion, Download } from 'lucide-react'
import { Suspense, lazy, useState, type ReactNode } from 'react'
import { Boundary, Empty, LinkButton, Skeleton, Unfetched } from '@kit'
import { ImageView } from './image-view'
import { MOST_MARKDOWN, MOST_PAGE, looksLikeText, type Kind } from './kind'
import { MediaView } from './media-view'
import { TextView } from './text-view'
import type { ViewerProps } from './viewer'
import { ViewSwitch } from './view-switch'
import { words } from './words'

const HtmlView = lazy(() => import('./html-view').then((module) => ({ default: module.HtmlView })))
const MarkdownView = lazy(() => import('./markdown-view').then((module) => ({ default: module.MarkdownView })))
const PdfView = lazy(() => import('./pdf-view').then((module) => ({ default: module.PdfView })))
const TableView = lazy(() => import('./table-view').then((module) => ({ default: module.TableView })))
const WorkbookView = lazy(() => import('./table-view').then((module) => ({ default: module.WorkbookView })))
const DocumentView = lazy(() => import('./document-view').then((module) => ({ default: module.DocumentView })))

export interface BodyProps extends Omit<ViewerProps, 'bytes'> {
  readonly kind: Kind
  /** None where the file is played from its address or has no viewer. */
  readonly bytes: ArrayBuffer | undefined
}

export function Body({ kind, bytes, ...file }: BodyProps) {
  if (kind === 'audio' || kind === 'video') return <MediaView {...file} kind={kind} />
  if (bytes === undefined || kind === 'other') return <NoViewer download={file.download} name={file.name} />
  return (
    <Boundary fallback={<div className="p-4"><Unfetched /></div>}>
      <Suspense fallback={<Skeleton lines={8} className="p-6" />}>
        <Viewer kind={kind} {...file} bytes={bytes} />
      </Suspense>
    </Boundary>
  )
}

type Viewed = Exclude<Kind, 'audio' | 'video' | 'other'>

function Viewer({ kind, ...file }: ViewerProps & { kind: Viewed }) {
  switch (kind) {
    case 'markdown':
      return file.bytes.byteLength > MOST_MARKDOWN ? <TextView {...file} /> : <WithSource label={words.rendered.markdown} file={file} view={<MarkdownView {...file} />} />
    case 'html':
      return file.bytes.byteLength > MOST_PAGE ? <TextView {...file} /> : <WithSource label={words.rendered.html} file={file} view={<HtmlView {...file} />} />
    case 'svg':
      return <WithSource label={words.rendered.svg} file={file} view={<ImageView {...file} />} />
    case 'table':
      return <WithSource label={words.rendered.table} file={file} view={<TableView {...file} />} />
    case 'image':
      return <ImageView {...file} />
    case 'pdf':
      return <PdfView {...file} />
    case 'workbook':
      return <WorkbookView {...file} />
    case 'document':
      return <DocumentView {...file} />
    case 'text':
      return looksLikeText(new Uint8Array(file.bytes)) ? <TextView {...file} /> : <NoViewer download={file.download} name={file.name} />
  }
}

/** The file as it is meant to be seen, or its text. */
function WithSource({ label, file, view }: { label: string; file: ViewerProps; view: ReactNode }) {
  const [mode, setMode] = useState<'view' | 'source'>('view')
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex justify-end border-b border-line px-4 py-1">
        <ViewSwitch label={words.views} value={mode} onChange={setMode} options={[{ value: 'view', label }, { value: 'source', label: words.source }]} />
      </div>
      <div className="min-h-0 flex-1">{mode === 'view' ? view : <TextView {...file} />}</div>
    </div>
  )
}

function NoViewer({ download, name }: { download: string; name: string }) {
  return (
    <Empty
      icon={FileQuestion}
      title={words.noViewerTitle}
      action={
        <LinkButton icon={Download} variant="primary" href={download} download={name}>
          {words.download}
        </LinkButton>
      }
    >
      {words.noViewer}
    </Empty>
  )
}
