// One to four questions as one card. Each has its choices and always a place for the reader's own words.
import { send, type Question as Asked, type QuestionAnswer } from '@api'
import { Button, CheckCards, RadioCards, TextField, cx } from '@kit'
import type { Item } from '@stream'
import { Check, CircleSlash, MessageCircleQuestion } from 'lucide-react'
import { useId, type FormEvent, type KeyboardEvent } from 'react'
import { OTHER, answerOf, isAnswered, type Draft } from './answers'
import { useHalfText, useHalfTexts, useSession } from './session'
import { useCommand } from './use-command'
import { useFocusBack } from './use-focus-back'
import { words } from './words'

type QuestionItem = Extract<Item, { kind: 'question' }>

export function Question({ item }: { item: QuestionItem }) {
  if (item.answers !== undefined) return <Answered item={item} answers={item.answers} />
  if (item.moot) {
    return (
      <p className="flex items-center gap-2 border-l-2 border-line pl-3 text-s text-soft">
        <CircleSlash aria-hidden className="size-4 shrink-0 text-faint" />
        <span className="min-w-0 break-words">{words.question.moot} · {item.questions[0]?.text}</span>
      </p>
    )
  }
  return <Waiting item={item} />
}

/** Questions a card may hold; the drafts of all are kept, asked or not. */
type Drafts = readonly [Kept, Kept, Kept, Kept]
interface Kept extends Draft {
  readonly choose: (chosen: readonly string[]) => void
  readonly write: (other: string) => void
}

function useDraft(card: string, place: number): Kept {
  const [chosen, choose] = useHalfTexts(card, `${place}.chosen`)
  const [other, write] = useHalfText(card, `${place}.other`)
  return { chosen, other, choose, write }
}

function Waiting({ item }: { item: QuestionItem }) {
  const { task } = useSession()
  const heading = useId()
  const card = useFocusBack<HTMLFormElement>()
  const [busy, run] = useCommand()
  const drafts: Drafts = [useDraft(item.question, 0), useDraft(item.question, 1), useDraft(item.question, 2), useDraft(item.question, 3)]
  const ready = item.questions.every((question, index) => isAnswered(question, drafts[index]))
  const answer = () => {
    if (!ready || busy) return
    const answers = item.questions.map((question, index) => answerOf(question, drafts[index]))
    run(words.question.failed, () => send(task, { type: 'answer_questions', data: { question: item.question, answers } }))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    answer()
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey) || event.shiftKey) return
    event.preventDefault()
    event.stopPropagation()
    answer()
  }
  return (
    <form ref={card} data-card tabIndex={-1} aria-labelledby={heading} onSubmit={submit} className="flex flex-col gap-4 rounded-l border border-accent bg-panel p-4">
      <h2 id={heading} className="sr-only">{words.question.label}</h2>
      {/* The key is listened for on the way up from the fields inside, which are what is operated. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div data-find className="flex flex-col gap-6" onKeyDown={keys}>
        {item.questions.map((question, index) => (
          <One key={index} question={question} index={index} count={item.questions.length} draft={drafts[index]} />
        ))}
      </div>
      <div>
        <Button type="submit" variant="primary" disabled={!ready} busy={busy}>{words.question.answer}</Button>
      </div>
    </form>
  )
}

function One({ question, index, count, draft }: { question: Asked; index: number; count: number; draft: Kept | undefined }) {
  if (draft === undefined) return null
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-start gap-3">
        <MessageCircleQuestion aria-hidden className="mt-0.5 size-5 shrink-0 text-accent" />
        <div className="min-w-0 flex-1">
          <p className="text-m font-semibold break-words">{question.text}</p>
          {question.several && question.choices.length > 0 ? <p className="text-s text-soft">{words.question.several}</p> : null}
        </div>
        {count > 1 ? <span className="shrink-0 text-xs text-soft tabular-nums">{words.question.of(index + 1, count)}</span> : null}
      </div>
      <Choices question={question} draft={draft} />
      {question.choices.length === 0 || draft.chosen.includes(OTHER) ? (
        <TextField
          label={words.question.otherLabel}
          hideLabel={question.choices.length > 0}
          placeholder={words.question.otherDescription}
          autoComplete="off"
          value={draft.other}
          onChange={(event) => draft.write(event.currentTarget.value)}
        />
      ) : null}
    </div>
  )
}

function Choices({ question, draft }: { question: Asked; draft: Kept }) {
  if (question.choices.length === 0) return null
  const options = [
    ...question.choices.map((choice) => ({ value: choice.label, label: choice.label, description: choice.description })),
    { value: OTHER, label: words.question.other, description: words.question.otherDescription },
  ]
  return question.several ? (
    <CheckCards label={question.text} values={draft.chosen} onValuesChange={draft.choose} options={options} />
  ) : (
    <RadioCards label={question.text} value={draft.chosen[0]} onValueChange={(value) => draft.choose([value])} options={options} />
  )
}

function Answered({ item, answers }: { item: QuestionItem; answers: readonly QuestionAnswer[] }) {
  return (
    <div role="group" aria-label={words.question.answered} className="flex items-start gap-2 border-l-2 border-line pl-3 text-s text-soft">
      <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
      <dl data-find className={cx('min-w-0 flex-1', item.questions.length > 1 && 'flex flex-col gap-1')}>
        {item.questions.map((question, index) => (
          <div key={index} className="break-words">
            <dt className="inline">{question.text} </dt>
            <dd className="inline font-medium text-ink">{spoken(answers[index])}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

function spoken(answer: QuestionAnswer | undefined): string {
  const parts = [...(answer?.chosen ?? []), ...(answer?.other == null || answer.other === '' ? [] : [answer.other])]
  return parts.length === 0 ? words.question.none : parts.join(', ')
}
