// The quiet line under a turn: when it ended, how long it took, what it used, and Undo where files were changed.
import { Button } from '@kit'
import type { TurnFacts } from '@stream'
import { Undo2 } from 'lucide-react'
import { clock, moment } from '@lib/format'
import { useSession } from './session'
import { words } from './words'

export function TurnEnd({ turn }: { turn: TurnFacts }) {
  const { onUndoTurn } = useSession()
  if (turn.endedAt === undefined) return null
  const { usage } = turn
  const used = usage.input + usage.output + (usage.cache_read ?? 0) + (usage.cache_write ?? 0)
  return (
    <footer className="mt-3 flex min-h-7 flex-wrap items-center gap-x-2 text-xs text-faint tabular-nums">
      <time dateTime={new Date(turn.endedAt).toISOString()} title={moment(turn.endedAt)}>{clock(turn.endedAt)}</time>
      <span aria-hidden>·</span>
      <span>{words.turn.took(turn.endedAt - turn.startedAt)}</span>
      {used === 0 ? null : (
        <>
          <span aria-hidden>·</span>
          <span>{words.turn.tokens(used)}</span>
        </>
      )}
      {turn.changed === 0 ? null : (
        <>
          <span aria-hidden>·</span>
          <span>{words.turn.changed(turn.changed)}</span>
          <Button size="s" variant="quiet" icon={Undo2} onClick={() => onUndoTurn(turn.turn)}>{words.turn.undo}</Button>
        </>
      )}
    </footer>
  )
}
