// What happened besides words and calls: a line each, and a box where the reader has a next step.
import { say, send } from '@api'
import { Button, Notice as Box, Told, cx } from '@kit'
import type { Item, Notice as What } from '@stream'
import {
  CircleAlert, CircleStop, FolderMinus, FolderPlus, Info, Minimize2, PauseCircle, PlayCircle, RotateCw, Scissors, Settings2, Undo2, Wrench, type LucideIcon,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { visible } from '@lib/visible'
import { useSession } from './session'
import { useCommand } from './use-command'
import { useNow } from './use-now'
import { words } from './words'

/** `last`: nothing came after it, so its next step still makes sense. */
export function Notice({ item, last }: { item: Extract<Item, { kind: 'notice' }>; last: boolean }) {
  const { notice } = item
  switch (notice.what) {
    case 'paused':
      return <Paused notice={notice} last={last} />
    case 'failed':
      return <Failed notice={notice} last={last} />
    case 'retry':
      return <Retry notice={notice} at={item.at} last={last} />
    case 'withdrawn':
      return (
        <Box tone="warn" icon={Wrench} title={words.notice.withdrawn(visible(notice.tool, 'escape'))}>
          <Sentences of={[notice.reason, notice.hint]} />
        </Box>
      )
    case 'undone':
      return <Undone notice={notice} last={last} />
    default:
      return <Plain notice={notice} />
  }
}

type Of<W extends What['what']> = Extract<What, { readonly what: W }>

function Sentences({ of }: { of: readonly string[] }) {
  return of
    .filter((text) => text !== '')
    .map((text) => (
      <p key={text} className="break-words"><Told text={visible(text, 'keep')} /></p>
    ))
}

function Paused({ notice, last }: { notice: Of<'paused'>; last: boolean }) {
  const { task } = useSession()
  const [busy, run] = useCommand()
  const resume = last ? (
    <Button size="s" icon={PlayCircle} busy={busy} onClick={() => run(words.notice.resumeFailed, () => send(task, { type: 'resume' }))}>
      {words.notice.resume}
    </Button>
  ) : null
  // Whoever paused knows why.
  if (notice.by === 'user') {
    return (
      <Quiet icon={PauseCircle}>
        <span className="mr-3">{words.notice.pausedBy.user}</span>
        {resume}
      </Quiet>
    )
  }
  return (
    <Box tone="warn" icon={PauseCircle} title={words.notice.pausedBy[notice.by]}>
      <Sentences of={[notice.message, notice.hint]} />
      {resume === null ? null : <div className="mt-2">{resume}</div>}
    </Box>
  )
}

function Failed({ notice, last }: { notice: Of<'failed'>; last: boolean }) {
  const { task } = useSession()
  const [busy, run] = useCommand()
  return (
    <Box tone="bad" icon={CircleAlert} title={words.notice.failed}>
      <Sentences of={[notice.message, notice.hint]} />
      {last ? (
        <div className="mt-2">
          <Button size="s" icon={RotateCw} busy={busy} onClick={() => run(words.notice.sayFailed, () => say(task, words.notice.goOnSays, []))}>
            {words.notice.goOn}
          </Button>
        </div>
      ) : null}
    </Box>
  )
}

function Retry({ notice, at, last }: { notice: Of<'retry'>; at: number; last: boolean }) {
  const due = at + notice.afterMs
  const now = useNow(last)
  const waits = last && now < due
  const when = waits ? words.notice.retrying(Math.ceil((due - now) / 1000), notice.attempt) : words.notice.retried(notice.attempt)
  return (
    <Quiet icon={RotateCw} tone="warn">
      <Told text={visible(notice.reason, 'escape')} /> · <span className="tabular-nums">{when}</span>
    </Quiet>
  )
}

function Undone({ notice, last }: { notice: Of<'undone'>; last: boolean }) {
  const { onRedo } = useSession()
  const count = notice.changes.length + notice.more
  const offers = last && count > 0
  return (
    <Quiet icon={Undo2}>
      {words.notice.undone(count)}
      {offers ? (
        <Button size="s" variant="quiet" className="ml-2" onClick={onRedo}>{words.notice.redo}</Button>
      ) : null}
    </Quiet>
  )
}

function Quiet({ icon: Icon, tone = 'plain', children }: { icon: LucideIcon; tone?: 'plain' | 'warn'; children: ReactNode }) {
  return (
    <div className="flex items-start gap-2 border-l-2 border-line pl-3 text-s text-soft">
      <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', tone === 'warn' ? 'text-warn' : 'text-faint')} />
      <div data-find className="min-w-0 flex-1 break-words">{children}</div>
    </div>
  )
}

type PlainWhat = Exclude<What, Of<'paused' | 'failed' | 'retry' | 'withdrawn' | 'undone'>>

function Plain({ notice }: { notice: PlainWhat }) {
  const [Icon, text] = plain(notice)
  return <Quiet icon={Icon}><Told text={text} /></Quiet>
}

function plain(notice: PlainWhat): readonly [LucideIcon, string] {
  switch (notice.what) {
    case 'resumed':
      return [PlayCircle, words.notice.resumed]
    case 'cut':
      return [Scissors, `${words.notice.cut}: ${visible(notice.reason, 'escape')}`]
    case 'stopped':
      return [CircleStop, words.notice.stopped]
    case 'compacted':
      return [Minimize2, words.notice.compacted]
    case 'mended':
      return [Info, words.notice.mended(notice.bytes)]
    case 'instructions':
      return [Settings2, words.notice.instructions]
    case 'folder_added':
    case 'folder_removed':
    case 'mode':
    case 'model':
    case 'effort':
    case 'limits':
    case 'pinned':
    case 'unpinned':
    case 'granted':
    case 'revoked':
      return [ICONS[notice.what], words.notice[notice.what](visible(notice.about, 'escape'))]
  }
}

const ICONS = {
  folder_added: FolderPlus,
  folder_removed: FolderMinus,
  mode: Settings2,
  model: Settings2,
  effort: Settings2,
  limits: Settings2,
  pinned: Info,
  unpinned: Info,
  granted: Info,
  revoked: Info,
}
