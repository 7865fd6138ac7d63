// An approval: the exact call, what it does in plain words, and the answers. After the answer one line is left.
import type { Answer, Approval as Asked, Scope } from '@api'
import { send } from '@api'
import { Button, TextField, cx, useHotkey } from '@kit'
import type { Item } from '@stream'
import { Ban, Check, CircleSlash, FileX, Hand, Trash2 } from 'lucide-react'
import { useEffect, useId, useMemo, useRef, useState, type FormEvent, type ReactNode, type RefObject } from 'react'
import { baseName } from '@lib/format'
import { segments, visible } from '@lib/visible'
import { written } from '@lib/shortcuts'
import { exactInput, subject } from './calls'
import { deletionOf, type Deletion } from './deletion'
import { changeOf } from './diff'
import { DiffView } from './diff-view'
import { approvalTitle, effectWords } from './effects'
import { Exact } from './exact'
import { spokenPath } from './paths'
import { useHalfText, useKeptFlag, useSession } from './session'
import { useCommand } from './use-command'
import { useFocusBack } from './use-focus-back'
import { words } from './words'

export const ALLOW_KEYS = 'Mod+Shift+Enter'
export const DENY_KEYS = 'Mod+Shift+Backspace'

/** Milliseconds in which a shortcut does nothing yet: a key meant for something else must not decide. */
const GUARD = 600

type ApprovalItem = Extract<Item, { kind: 'approval' }>

export function Approval({ item, first }: { item: ApprovalItem; first: boolean }) {
  const deletion = useMemo(() => deletionOf(item.approval), [item.approval])
  const title = approvalTitle(item.approval, deletion)
  if (item.answer !== undefined) return <Answered item={item} answer={item.answer} title={title} />
  if (item.moot) return <Line icon={<CircleSlash aria-hidden className="size-4 text-faint" />} said={words.approval.moot} about={title} />
  return <Waiting item={item} deletion={deletion} title={title} first={first} />
}

function Waiting({ item, deletion, title, first }: { item: ApprovalItem; deletion: Deletion | undefined; title: string; first: boolean }) {
  const { approval } = item
  const heading = useId()
  const folder = approval.tool === 'RequestFolder'
  const reason = visible(approval.reason.replaceAll('`', ''), 'escape')
  const danger = deletion !== undefined
  const change = useMemo(() => changeOf({ tool: approval.tool, input: approval.input }), [approval])
  const Icon = danger ? Trash2 : Hand
  const card = useFocusBack<HTMLDivElement>()
  return (
    <div
      ref={card}
      role="group"
      aria-labelledby={heading}
      data-card
      tabIndex={-1}
      className={cx('flex flex-col gap-3 rounded-l border bg-panel p-4', danger ? 'border-bad/60' : 'border-warn/60')}
    >
      <header className="flex items-start gap-3">
        <Icon aria-hidden className={cx('mt-0.5 size-5 shrink-0', danger ? 'text-bad' : 'text-warn')} />
        <div className="min-w-0">
          <h2 id={heading} className="text-m font-semibold break-words">{title}</h2>
          <p className="text-s break-words text-soft">{folder ? words.approval.reasonFolder(reason) : words.approval.wants(reason)}</p>
        </div>
      </header>
      {deletion === undefined ? null : <Deleted deletion={deletion} name={approval.id} />}
      {change === undefined ? null : <DiffView change={change} name={approval.id} />}
      <ExactCall approval={approval} danger={danger} />
      <Effects approval={approval} />
      <Answers approval={approval} danger={danger} first={first} />
    </div>
  )
}

/** Files named before the others are only counted. */
const NAMED = 12

/** What goes, by name, and how many files that are. */
function Deleted({ deletion, name }: { deletion: Deletion; name: string }) {
  const [all, setAll] = useKeptFlag(`deleted.${name}`, false)
  const { paths, files } = deletion
  const shown = all ? paths : paths.slice(0, NAMED)
  return (
    <div className="flex flex-col items-start gap-1 text-s">
      {files === undefined ? null : <p className="font-medium">{words.approval.files(files)}</p>}
      <ul className="flex flex-col">
        {shown.map((path) => (
          <li key={path} className="flex items-start gap-2">
            <FileX aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
            <span className="min-w-0 break-words"><Exact text={visible(spokenPath(path), 'escape')} strict /></span>
          </li>
        ))}
      </ul>
      {shown.length < paths.length ? (
        <Button size="s" variant="quiet" onClick={() => setAll(true)}>{words.approval.more(paths.length - shown.length)}</Button>
      ) : null}
      <p className="text-soft">{words.approval.deletionLasts}</p>
    </div>
  )
}

function ExactCall({ approval, danger }: { approval: Asked; danger: boolean }) {
  const text = exactInput(approval.tool, approval.input)
  const marked = useMemo(() => segments(text, 'keep').some((run) => run.hidden), [text])
  const box = useRef<HTMLPreElement>(null)
  const more = useOverflow(box)
  return (
    <div className="flex flex-col gap-1">
      {/* Whole and never folded: what is decided about is what is seen. Scrolls where it is long. */}
      <pre
        ref={box}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="group"
        aria-label={words.approval.exact}
        data-find
        className={cx('max-h-96 overflow-auto rounded-m px-3 py-2 text-s break-words whitespace-pre-wrap', danger ? 'bg-bad-tint' : 'bg-side')}
      >
        <span className="text-soft">{visible(approval.tool, 'escape')}{'\n'}</span>
        <Exact text={text} strict />
      </pre>
      {more ? <p className="text-xs text-warn">{words.approval.scrolls(text.split('\n').length)}</p> : null}
      {marked ? <p className="text-xs text-warn">{words.approval.hiddenMarks}</p> : null}
    </div>
  )
}

/** Whether a box holds more than it shows; some systems draw no scroll bar that would say so. */
function useOverflow(box: RefObject<HTMLElement | null>): boolean {
  const [more, setMore] = useState(false)
  useEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setMore(element.scrollHeight > element.clientHeight + 1))
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return more
}

function Effects({ approval }: { approval: Asked }) {
  const told = approval.effects.filter((effect) => effect.type !== 'delete_path')
  // A single effect is what the line under the title says already.
  if (told.length === 0 || approval.effects.length === 1) return null
  return (
    <ul aria-label={words.approval.effects} className="list-inside list-disc text-s text-soft">
      {told.map((effect, index) => (
        <li key={index} className="break-words">{effectWords(effect)}</li>
      ))}
    </ul>
  )
}

function Answers({ approval, danger, first }: { approval: Asked; danger: boolean; first: boolean }) {
  const { task } = useSession()
  const [note, setNote] = useHalfText(approval.id, 'note')
  const [denying, setDenying] = useKeptFlag(`denying.${approval.id}`, note !== '')
  // The field takes the focus when it was asked for here, not when the card comes back into sight.
  const [asked, setAsked] = useState(false)
  const startDenying = () => {
    setAsked(true)
    setDenying(true)
  }
  const [busy, run] = useCommand()
  const allowed = useRef<HTMLButtonElement>(null)
  const answer = (it: Answer) => {
    run(words.approval.failed, () => send(task, { type: 'answer', data: { approval: approval.id, answer: it } }))
  }
  const offers: readonly Scope[] = approval.offers.length === 0 ? ['once'] : approval.offers
  // While a note is being written, only the buttons decide.
  useShortcuts(first && !busy && !denying, allowed, danger, {
    allow: () => answer({ type: 'allow', data: { scope: offers[0] ?? 'once' } }),
    deny: startDenying,
  })
  if (denying) {
    const said = note.trim()
    return (
      <Deny
        note={note}
        onNote={setNote}
        focus={asked}
        busy={busy}
        onBack={() => setDenying(false)}
        onDeny={() => answer({ type: 'deny', data: { note: said === '' ? null : said } })}
      />
    )
  }
  return (
    <footer className="flex flex-wrap items-center gap-2">
      {offers.map((scope, index) => (
        <Button
          key={scope}
          ref={index === 0 ? allowed : null}
          variant={index > 0 ? 'outline' : danger ? 'danger' : 'primary'}
          icon={index === 0 ? Check : undefined}
          busy={busy && index === 0}
          disabled={busy && index > 0}
          onClick={() => answer({ type: 'allow', data: { scope } })}
        >
          {words.approval.allow(scope)}
        </Button>
      ))}
      <span className="flex-1" />
      <Button disabled={busy} onClick={startDenying}>{words.approval.deny}</Button>
      {first ? <Hint danger={danger} /> : null}
    </footer>
  )
}

/** The keys, for those who have any. */
function Hint({ danger }: { danger: boolean }) {
  const keys = [written(ALLOW_KEYS), written(DENY_KEYS)] as const
  const text = danger ? words.approval.shortcutDelete(...keys) : words.approval.shortcuts(...keys)
  return <p className="w-full text-xs text-faint pointer-coarse:hidden">{text}</p>
}

function useShortcuts(enabled: boolean, button: RefObject<HTMLButtonElement | null>, danger: boolean, act: { allow: () => void; deny: () => void }) {
  const since = useRef(0)
  useEffect(() => {
    since.current = performance.now()
  }, [enabled])
  const ready = () => performance.now() - since.current > GUARD
  useHotkey(
    ALLOW_KEYS,
    () => {
      if (!ready()) return
      // What is decided about must be on the screen: scrolled away or under a dialog, the card is shown first.
      if (!danger && !inSight(button.current)) {
        since.current = performance.now()
        button.current?.scrollIntoView({ block: 'nearest' })
        return
      }
      // Deletion is never decided by a shortcut: it leads to the button.
      if (danger) button.current?.focus()
      else act.allow()
    },
    { enabled },
  )
  useHotkey(DENY_KEYS, () => ready() && act.deny(), { enabled })
}

/** Whether a button can be seen and pressed where it stands: on the screen, with nothing over it. */
function inSight(button: HTMLButtonElement | null): boolean {
  if (button === null) return false
  const { left, top, width, height } = button.getBoundingClientRect()
  return button.contains(document.elementFromPoint(left + width / 2, top + height / 2))
}

interface DenyProps {
  note: string
  onNote: (note: string) => void
  /** Whether the field takes the focus. */
  focus: boolean
  busy: boolean
  onBack: () => void
  onDeny: () => void
}

function Deny({ note, onNote, focus, busy, onBack, onDeny }: DenyProps) {
  const [field, setField] = useState<HTMLInputElement | null>(null)
  const form = useFocusBack<HTMLFormElement>()
  useEffect(() => {
    if (focus) field?.focus()
  }, [field, focus])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onDeny()
  }
  return (
    <form ref={form} className="flex flex-col gap-2" onSubmit={submit}>
      <TextField
        ref={setField}
        label={words.approval.note}
        hint={words.approval.noteHint}
        value={note}
        onChange={(event) => onNote(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onBack()}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" icon={Ban} busy={busy}>{words.approval.denyNow}</Button>
        <Button variant="quiet" disabled={busy} onClick={onBack}>{words.approval.keep}</Button>
      </div>
    </form>
  )
}

function Answered({ item, answer, title }: { item: ApprovalItem; answer: Answer; title: string }) {
  const call = { tool: item.approval.tool, input: item.approval.input }
  const line = subject(call)
  const asked = title.replace(/\?$/, '')
  // A title that names the file already says what the line would.
  const about = line === '' || asked.endsWith(baseName(line)) ? asked : `${asked}: ${line}`
  if (answer.type === 'allow') {
    return <Line icon={<Check aria-hidden className="size-4 text-ok" />} said={words.approval.allowed(answer.data.scope)} about={about} />
  }
  const note = answer.data.note
  return <Line icon={<Ban aria-hidden className="size-4 text-warn" />} said={words.approval.denied} about={about} note={note ?? undefined} />
}

function Line({ icon, said, about, note }: { icon: ReactNode; said: string; about: string; note?: string | undefined }) {
  return (
    <div className="flex items-start gap-2 border-l-2 border-line pl-3 text-s text-soft">
      <span className="mt-0.5 shrink-0">{icon}</span>
      <p className="min-w-0 break-words">
        <span className="font-medium text-ink">{said}</span> · {about}
        {note === undefined ? null : <span className="block text-ink">“{note}”</span>}
      </p>
    </div>
  )
}
