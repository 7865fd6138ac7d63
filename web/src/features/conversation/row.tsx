// One row of the conversation: the day where one begins, the item, the end of its turn where one ends.
import { useItem, type Item, type TaskStore, type TurnFacts } from '@stream'
import { memo } from 'react'
import { day, moment } from '@lib/format'
import { Approval } from './approval'
import { CallGroup } from './call-group'
import { Notice } from './notice'
import { Outputs } from './outputs'
import { Prompt } from './prompt'
import { Question } from './question'
import { TurnEnd } from './turn-end'
import { Said } from './words-said'

export interface RowProps {
  store: TaskStore
  index: number
  /** The time of which a day is said, where one begins. */
  today: number | undefined
  /** The turn that ends here. */
  turn: TurnFacts | undefined
  last: boolean
  /** The approval that the shortcuts answer. */
  asked: string | undefined
}

export const Row = memo(function Row({ store, index, today, turn, last, asked }: RowProps) {
  const item = useItem(store, index)
  if (item === undefined) return null
  return (
    <>
      {today === undefined ? null : <Day at={item.at} now={today} />}
      <div className="not-empty:pb-4">
        <Shown item={item} last={last} asked={asked} />
        {turn === undefined ? null : <TurnEnd turn={turn} />}
      </div>
    </>
  )
})

function Day({ at, now }: { at: number; now: number }) {
  return (
    <div className="flex items-center gap-3 py-4 text-xs text-soft">
      <span aria-hidden className="h-px flex-1 bg-line" />
      <time dateTime={new Date(at).toISOString()} title={moment(at)}>{day(at, now)}</time>
      <span aria-hidden className="h-px flex-1 bg-line" />
    </div>
  )
}

function Shown({ item, last, asked }: { item: Item; last: boolean; asked: string | undefined }) {
  switch (item.kind) {
    case 'prompt':
      return <Prompt item={item} />
    case 'text':
      return <Said item={item} />
    case 'calls':
      return <CallGroup item={item} />
    case 'approval':
      return <Approval item={item} first={item.approval.id === asked} />
    case 'question':
      return <Question item={item} />
    case 'outputs':
      return <Outputs item={item} />
    case 'notice':
      return <Notice item={item} last={last} />
  }
}
