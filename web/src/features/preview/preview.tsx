// A file of a task, shown beside the conversation. Nothing in it runs, and nothing it names is loaded.
import { useQuery } from '@tanstack/react-query'
import { FileQuestion, RefreshCw } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { asApiError, downloadAddress, fileBytesQuery } from '@api'
import { Button, Empty, ErrorNote, Notice, Skeleton } from '@kit'
import { baseName } from '@lib/format'
import { useConnection, useTask, useView } from '@stream'
import { Body } from './body'
import { Header } from './header'
import { MOST_BYTES, kindOf, type Kind } from './kind'
import { textOf } from './text-of'
import { Unreadable } from './unreadable'
import { GONE, versionOf } from './version'
import { words } from './words'

export interface PreviewProps {
  task: string
  /** The path as the model knows it, such as `/outputs/report.md`. */
  path: string
  onClose: () => void
}

export function Preview({ task, path, onClose }: PreviewProps) {
  const store = useTask(task)
  const loading = useConnection(store) === 'loading'
  // Files opened from links in the one before, the newest last.
  const [trail, setTrail] = useState<readonly string[]>([])
  const shown = trail.at(-1) ?? path
  const version = useView(store, (view) => versionOf(view, shown))
  const back = trail.length === 0 ? undefined : () => setTrail(trail.slice(0, -1))
  return (
    <section aria-label={words.of(baseName(shown))} className="flex h-full min-h-0 flex-col bg-bg">
      {loading ? (
        <Skeleton lines={6} className="p-6" />
      ) : (
        <Shown key={shown} task={task} path={shown} version={version} onClose={onClose} onBack={back} onOpen={(next) => setTrail([...trail, next])} />
      )}
    </section>
  )
}

/** Text and what is written as text. */
const TEXTUAL: ReadonlySet<Kind> = new Set<Kind>(['markdown', 'html', 'svg', 'table', 'text'])

interface ShownProps extends PreviewProps {
  version: string
  onBack: (() => void) | undefined
  onOpen: (path: string) => void
}

function Shown({ task, path, version, onClose, onBack, onOpen }: ShownProps) {
  const name = baseName(path)
  const kind = kindOf(name)
  // A deleted file has no content to load; what was seen before stays.
  const [seen, setSeen] = useState(version)
  const streamed = kind === 'audio' || kind === 'video' || kind === 'other'
  const file = useQuery({ ...fileBytesQuery(task, path, seen, MOST_BYTES), enabled: !streamed })
  const heading = useFocus()
  const bytes = file.data
  const refresh = () => {
    setSeen(version)
    // The button goes with the bar; the focus stays in the preview.
    heading.current?.focus({ preventScroll: true })
  }
  return (
    // Escape closes the preview from anywhere within it.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className="flex h-full min-h-0 flex-col"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose()
      }}
    >
      <Header
        task={task}
        path={path}
        name={name}
        size={bytes?.byteLength}
        text={bytes !== undefined && TEXTUAL.has(kind) ? () => textOf(bytes) : undefined}
        heading={heading}
        onBack={onBack}
        onClose={onClose}
      />
      {version !== seen && <Stale gone={version === GONE} onRefresh={refresh} />}
      <div className="min-h-0 flex-1">
        {bytes === undefined && !streamed ? (
          <Waiting task={task} path={path} name={name} error={file.error} onRetry={() => void file.refetch()} />
        ) : bytes?.byteLength === 0 ? (
          <Empty icon={FileQuestion} title={words.emptyTitle} />
        ) : (
          <Body key={seen} kind={kind} task={task} path={path} name={name} bytes={bytes} download={downloadAddress(task, path)} onOpen={onOpen} />
        )}
      </div>
    </div>
  )
}

/** Puts the focus on the file's name, and back to where it was when the preview closes. */
function useFocus() {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    const before = document.activeElement
    const panel = heading.current?.closest('section')
    heading.current?.focus({ preventScroll: true })
    return () => {
      const held = panel?.contains(document.activeElement) === true || document.activeElement === document.body
      if (held && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  return heading
}

function Stale({ gone, onRefresh }: { gone: boolean; onRefresh: () => void }) {
  if (gone) {
    return (
      <div className="p-2" role="status">
        <Notice tone="warn">{words.gone}</Notice>
      </div>
    )
  }
  return (
    <div role="status" className="flex flex-wrap items-center gap-2 border-b border-line bg-tint px-4 py-2 text-s">
      <span className="min-w-0 flex-1">{words.changed}</span>
      <Button size="s" icon={RefreshCw} onClick={onRefresh}>
        {words.refresh}
      </Button>
    </div>
  )
}

interface WaitingProps {
  task: string
  path: string
  name: string
  error: Error | null
  onRetry: () => void
}

function Waiting({ task, path, name, error, onRetry }: WaitingProps) {
  if (error === null) return <Skeleton lines={8} className="p-6" />
  const { code, message, hint } = asApiError(error)
  if (code === 'too_large') return <Unreadable message={words.tooLargeTitle} hint={words.tooLarge} download={downloadAddress(task, path)} name={name} />
  return (
    <div className="p-4">
      <ErrorNote message={message} hint={hint} onRetry={onRetry} />
    </div>
  )
}
