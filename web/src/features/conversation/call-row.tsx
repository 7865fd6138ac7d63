// One tool call: a line that opens to its exact input, its effects, what it changed and what came back.
import { fileAddress, type Part } from '@api'
import { Chip, cx } from '@kit'
import type { Call } from '@stream'
import { ChevronRight, Image } from 'lucide-react'
import { useEffect, useId, useLayoutEffect, useRef } from 'react'
import { duration } from '@lib/format'
import { visible, withoutColours } from '@lib/visible'
import { CallMark } from './call-mark'
import { exactInput, outputText, pathOf, subject } from './calls'
import { Detail } from './detail'
import { changeOf } from './diff'
import { DiffView } from './diff-view'
import { effectWords } from './effects'
import { Exact, TextBlock } from './exact'
import { spokenPath } from './paths'
import { useKeptFlag, useSession } from './session'
import { words } from './words'

export function CallRow({ call, found }: { call: Call; found: boolean }) {
  const [unfolded, setUnfolded] = useKeptFlag(`call.${call.id}`, false)
  const open = unfolded || found
  const id = useId()
  return (
    <li className="flex flex-col" data-call={call.id}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setUnfolded(!open)}
        className="group flex min-h-8 w-full items-center gap-2 rounded-s text-left text-s hover:text-ink pointer-coarse:min-h-10"
      >
        <CallMark state={call.state} />
        <span className="shrink-0 font-mono text-xs text-ink">{visible(call.tool, 'escape')}</span>
        <span className="min-w-0 flex-1 truncate text-soft">{subject(call)}</span>
        <span className="shrink-0 text-xs text-faint tabular-nums">{tail(call)}</span>
        <ChevronRight aria-hidden className={cx('size-4 shrink-0 text-faint transition-transform group-hover:text-ink', open && 'rotate-90')} />
      </button>
      <div id={id} hidden={!open}>
        {open ? <CallDetails call={call} found={found} /> : null}
      </div>
    </li>
  )
}

/** The time it took; where it did not end well, the word for that. */
function tail(call: Call): string {
  const time = call.ms === undefined || call.startedAt === undefined ? '' : duration(call.ms)
  if (call.state === 'ok') return time
  return [words.calls.states[call.state], time].filter((part) => part !== '').join(' · ')
}

function CallDetails({ call, found }: { call: Call; found: boolean }) {
  const change = changeOf(call)
  const input = exactInput(call.tool, call.input)
  const output = withoutColours(outputText(call))
  const finished = call.output.length > 0
  return (
    <div className="flex flex-col gap-3 pt-1 pb-4 pl-6">
      {change === undefined ? null : <DiffView change={change} name={call.id} />}
      <Detail title={words.calls.input}>
        <TextBlock name={`in.${call.id}`} label={words.calls.input} text={input} open={found} />
      </Detail>
      {call.effects.length === 0 ? null : (
        <Detail title={words.calls.effects}>
          <ul className="text-s">
            {call.effects.map((effect, index) => (
              <li key={index} className="break-words">{effectWords(effect)}</li>
            ))}
          </ul>
        </Detail>
      )}
      {call.changes.length === 0 ? null : <Changes call={call} />}
      {call.live === '' || finished ? null : <Live text={call.live} />}
      {finished ? (
        <Detail title={words.calls.output}>
          {output === '' ? <p className="text-s text-soft">{words.calls.noOutput}</p> : (
            <TextBlock name={`out.${call.id}`} label={words.calls.output} text={output} open={found} tone={call.state === 'failed' ? 'bad' : 'plain'} />
          )}
          <Pictures call={call} />
        </Detail>
      ) : null}
    </div>
  )
}

function Changes({ call }: { call: Call }) {
  return (
    <Detail title={words.calls.changes}>
      <ul className="text-s">
        {call.changes.map((change) => (
          <li key={change.path} className="flex gap-2">
            <span className="min-w-0 break-words">{visible(spokenPath(change.path), 'escape')}</span>
            <span className="shrink-0 text-soft">{words.calls.kinds[change.kind]}</span>
          </li>
        ))}
        {call.moreChanges === 0 ? null : <li className="text-soft">{words.approval.more(call.moreChanges)}</li>}
      </ul>
    </Detail>
  )
}

/** What a command has written so far; its end stays in view unless the reader scrolls up in it. */
function Live({ text }: { text: string }) {
  const box = useRef<HTMLPreElement>(null)
  const atEnd = useRef(true)
  useLayoutEffect(() => {
    if (box.current !== null && atEnd.current) box.current.scrollTop = box.current.scrollHeight
  }, [text])
  useEffect(() => {
    const pre = box.current
    if (pre === null) return undefined
    const note = () => {
      atEnd.current = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 8
    }
    pre.addEventListener('scroll', note, { passive: true })
    return () => pre.removeEventListener('scroll', note)
  }, [])
  return (
    <Detail title={words.calls.live}>
      {/* A fixed height, so that growing output moves nothing else. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre ref={box} tabIndex={0} role="group" aria-label={words.calls.live} className="h-48 overflow-auto rounded-m bg-side px-3 py-2 text-s break-words whitespace-pre-wrap">
        <Exact text={withoutColours(text)} />
      </pre>
    </Detail>
  )
}

function isPicture(part: Part): part is Extract<Part, { type: 'image' }> {
  return part.type === 'image'
}

/** A picture that was read is shown from the file itself; one without a file is only named. */
function Pictures({ call }: { call: Call }) {
  const { task } = useSession()
  const pictures = call.output.filter(isPicture)
  const path = call.tool === 'Read' ? pathOf(call.input) : undefined
  if (pictures.length === 0) return null
  if (path?.startsWith('/') === true) {
    return <img src={fileAddress(task, path)} alt={visible(path, 'escape')} loading="lazy" className="max-h-64 max-w-full self-start rounded-m" />
  }
  return (
    <p className="flex flex-wrap gap-2">
      {pictures.map((picture, index) => (
        <Chip key={index} icon={Image} title={picture.data.media}>{words.calls.picture}</Chip>
      ))}
    </p>
  )
}
