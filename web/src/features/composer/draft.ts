// What was typed and chosen but not sent yet. It survives a reload; the files themselves do not, only their names.
import { fields, textField } from '@lib/decode'
import { keep, kept } from '@lib/storage'
import type { FolderRequest, Limits, Mode } from '@api'

/** The words of a message and everything chosen beside them. */
export interface Draft {
  readonly text: string
  readonly folders: readonly FolderRequest[]
  /** None leaves it to the settings. */
  readonly mode: Mode | undefined
  readonly model: string | undefined
  readonly effort: string | undefined
  readonly limits: Limits | undefined
  readonly instructions: string | undefined
  /** Names of files that were attached when the page was last seen. */
  readonly attached: readonly string[]
}

export const EMPTY_DRAFT: Draft = {
  text: '',
  folders: [],
  mode: undefined,
  model: undefined,
  effort: undefined,
  limits: undefined,
  instructions: undefined,
  attached: [],
}

/** Where the draft of a new task is kept. */
export const NEW_DRAFT = 'draft.new'

/** Where the draft of a message in a task is kept. */
export function draftOf(task: string): string {
  return `draft.${task}`
}

/** Reads a draft; whatever is not as it should be is left out. */
export function readDraft(name: string): Draft {
  return draftFrom(kept<unknown>(name, undefined))
}

/** Keeps a draft, or forgets it when there is nothing in it. */
export function keepDraft(name: string, draft: Draft): void {
  keep(name, isEmpty(draft) ? undefined : draft)
}

/** Composers that are shown, by the name of their draft. */
const shown = new Map<string, (words: string) => void>()

/** Lets words be added to a draft while its composer is shown; gives the way to end that. */
export function onWords(name: string, take: (words: string) => void): () => void {
  shown.set(name, take)
  return () => {
    if (shown.get(name) === take) shown.delete(name)
  }
}

/** Adds words to a draft, behind what is there, once; files and everything else stay as they are. */
export function addWords(name: string, words: string): void {
  const take = shown.get(name)
  if (take !== undefined) take(words)
  else {
    const draft = readDraft(name)
    keepDraft(name, { ...draft, text: joined(draft.text, words) })
  }
}

/** The words behind what was there, with an empty line between; the same words are not said twice. */
export function joined(before: string, words: string): string {
  if (before.trim() === '') return words
  return before.includes(words) ? before : `${before.trimEnd()}\n\n${words}`
}

/** Words that come back stand before what was typed meanwhile. */
export function after(first: string, then: string): string {
  if (first === '') return then
  return then.trim() === '' ? first : `${first.trimEnd()}\n\n${then}`
}

/** What was typed behind words that came before it; everything where it does not begin with them. */
export function behind(first: string, text: string): string {
  if (text === first) return ''
  const before = `${first.trimEnd()}\n\n`
  return text.startsWith(before) ? text.slice(before.length) : text
}

/** Composers that are shown, by the name of their draft, for words sent from one that is not shown any more. */
const hearing = new Map<string, (sent: Sent) => void>()

/** Words that were sent, with what was chosen for them. */
export type Sent = Pick<Draft, 'text'> & Partial<Draft>

/** Hears of words that were sent after their composer had gone; gives the way to end that. */
export function onSent(name: string, take: (sent: Sent) => void): () => void {
  hearing.set(name, take)
  return () => {
    if (hearing.get(name) === take) hearing.delete(name)
  }
}

/** Words were sent after their composer had gone: the draft that kept them lets them go, and what was chosen for them. */
export function wereSent(name: string, sent: Sent): void {
  keepDraft(name, without(readDraft(name), sent))
  hearing.get(name)?.(sent)
}

/** What is left of a draft when its words were sent: what was typed behind them, and what was chosen otherwise since. */
export function without(draft: Draft, sent: Sent): Draft {
  const text = behind(sent.text, draft.text)
  if (text === draft.text && text !== '') return draft
  const left = <K extends keyof Draft>(field: K) => (same(draft[field], sent[field]) ? EMPTY_DRAFT[field] : draft[field])
  return {
    text,
    folders: left('folders'),
    mode: left('mode'),
    model: left('model'),
    effort: left('effort'),
    limits: left('limits'),
    instructions: left('instructions'),
    attached: draft.attached.filter((file) => sent.attached?.includes(file) !== true),
  }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** A draft from what an earlier version of this page, or somebody else, may have left. */
export function draftFrom(value: unknown): Draft {
  const found = fields(value)
  if (found === undefined) return EMPTY_DRAFT
  const mode = textField(found, 'mode')
  return {
    text: textField(found, 'text') ?? '',
    folders: listOf(found['folders']).flatMap(folderFrom),
    mode: mode === 'ask' || mode === 'auto' || mode === 'skip' ? mode : undefined,
    model: textField(found, 'model'),
    effort: textField(found, 'effort'),
    limits: limitsFrom(found['limits']),
    instructions: textField(found, 'instructions'),
    attached: listOf(found['attached']).filter((name) => typeof name === 'string'),
  }
}

/** Whether nothing was typed or chosen. */
export function isEmpty(draft: Draft): boolean {
  return (
    draft.text === '' &&
    draft.folders.length === 0 &&
    draft.attached.length === 0 &&
    [draft.mode, draft.model, draft.effort, draft.limits, draft.instructions].every((it) => it === undefined)
  )
}

/** A folder as it was kept. */
export function folderFrom(value: unknown): FolderRequest[] {
  const path = textField(value, 'path')
  if (path === undefined || !path.startsWith('/')) return []
  return [{ path, access: textField(value, 'access') === 'read_only' ? 'read_only' : 'read_write' }]
}

function limitsFrom(value: unknown): Limits | undefined {
  const found = fields(value)
  if (found === undefined) return undefined
  const figure = (name: string) => {
    const given = found[name]
    return typeof given === 'number' && Number.isSafeInteger(given) && given > 0 ? given : null
  }
  return { steps: figure('steps'), tokens: figure('tokens'), minutes: figure('minutes') }
}

/** A list, whatever it holds. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
