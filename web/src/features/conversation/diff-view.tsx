// A change line by line. The sign says what colour says.
import { Button, cx } from '@kit'
import { Fragment } from 'react'
import { visible } from '@lib/visible'
import { Detail } from './detail'
import { LONGEST_DIFF, type Change, type DiffLine } from './diff'
import { useKeptFlag } from './session'
import { words } from './words'

/** Lines shown at once. */
const FIRST = 40

export function DiffView({ change, name }: { change: Change; name: string }) {
  const [whole, setWhole] = useKeptFlag(`diff.${name}`, false)
  const lines = change.hunks.reduce((sum, hunk) => sum + hunk.length, 0)
  const most = whole ? LONGEST_DIFF : FIRST
  return (
    <Detail title={`${words.calls.diff} +${change.added} −${change.removed}`}>
      {/* Scrolls sideways, so it must be reachable by keyboard. */}
      <div
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="group"
        aria-label={words.calls.diff}
        className="max-h-96 overflow-auto rounded-m border border-line bg-panel py-1 font-mono text-s"
      >
        <div className="w-max min-w-full">{hunks(change, most)}</div>
      </div>
      {lines > FIRST && !whole ? (
        <div>
          <Button size="s" variant="quiet" onClick={() => setWhole(true)}>
            {words.showAll(lines)}
          </Button>
        </div>
      ) : null}
      {whole && lines > LONGEST_DIFF ? <p className="text-xs text-soft">{words.calls.largePart}</p> : null}
    </Detail>
  )
}

function hunks(change: Change, most: number) {
  let left = most
  return change.hunks.map((hunk, index) => {
    const shown = hunk.slice(0, Math.max(left, 0))
    left -= hunk.length
    return (
      <Fragment key={index}>
        {index > 0 && shown.length > 0 ? <div aria-hidden className="px-3 text-faint">⋯</div> : null}
        {shown.map((line, place) => (
          <Line key={place} line={line} />
        ))}
      </Fragment>
    )
  })
}

const GROUND = { '+': 'bg-ok-tint', '-': 'bg-bad-tint', ' ': '' }
const INK = { '+': 'text-ok', '-': 'text-bad', ' ': 'text-faint' }

function Line({ line }: { line: DiffLine }) {
  return (
    <div className={cx('flex px-3 whitespace-pre', GROUND[line.sign])}>
      <span className={cx('w-4 shrink-0 select-none', INK[line.sign])}>{line.sign === '-' ? '−' : line.sign}</span>
      <span>{visible(line.text, 'keep')}</span>
    </div>
  )
}
