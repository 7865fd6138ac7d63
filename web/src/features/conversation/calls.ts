// Tool calls in words: the summary of a group, the subject of one call, its exact input.
import type { Call, CallState } from '@stream'
import { fields, textField } from '@lib/decode'
import { baseName } from '@lib/format'
import { visible } from '@lib/visible'

type Kind = 'read' | 'searched' | 'wrote' | 'edited' | 'ran' | 'fetched' | 'planned' | 'noted' | 'asked' | 'presented' | 'folder' | 'used'

/** What kind of work a tool does. */
function kindOf(tool: string): Kind {
  switch (tool) {
    case 'Read':
      return 'read'
    case 'Glob':
    case 'Grep':
      return 'searched'
    case 'Write':
      return 'wrote'
    case 'Edit':
      return 'edited'
    case 'Bash':
      return 'ran'
    case 'WebFetch':
    case 'WebSearch':
      return 'fetched'
    case 'TodoWrite':
      return 'planned'
    case 'Note':
      return 'noted'
    case 'AskUserQuestion':
      return 'asked'
    case 'PresentFiles':
      return 'presented'
    case 'RequestFolder':
      return 'folder'
    default:
      return 'used'
  }
}

/** Each kind as it was done and as it is being done; `#` stands for the count. */
const PHRASES: Readonly<Record<Kind, { one: string; many: string; now: string }>> = {
  read: { one: 'read a file', many: 'read # files', now: 'Reading' },
  searched: { one: 'searched once', many: 'searched # times', now: 'Searching' },
  wrote: { one: 'wrote a file', many: 'wrote # files', now: 'Writing' },
  edited: { one: 'edited a file', many: 'edited # files', now: 'Editing' },
  ran: { one: 'ran a command', many: 'ran # commands', now: 'Running' },
  fetched: { one: 'looked at a web page', many: 'looked at # web pages', now: 'Looking at' },
  planned: { one: 'updated the plan', many: 'updated the plan', now: 'Updating the plan' },
  noted: { one: 'took a note', many: 'took notes', now: 'Taking a note' },
  asked: { one: 'asked you', many: 'asked you # times', now: 'Asking' },
  presented: { one: 'handed over files', many: 'handed over files', now: 'Handing over files' },
  folder: { one: 'asked for a folder', many: 'asked for # folders', now: 'Asking for a folder' },
  used: { one: 'used a tool', many: 'used # tools', now: 'Using' },
}

/** Files are counted once, however often they were touched; everything else by calls. */
function countOf(kind: Kind, calls: readonly Call[]): number {
  if (kind !== 'read' && kind !== 'wrote' && kind !== 'edited') return calls.length
  return new Set(calls.map((call) => pathOf(call.input) ?? call.id)).size
}

const FAILED: readonly CallState[] = ['failed', 'timed_out', 'unknown']

/** What a group of calls did, in one line: `Read 25 files, ran 2 commands, 1 failed`. */
export function summary(calls: readonly Call[]): string {
  const done = calls.filter((call) => call.state === 'ok' || FAILED.includes(call.state) || call.state === 'stopped')
  const kinds = new Map<Kind, Call[]>()
  for (const call of done) {
    const kind = kindOf(call.tool)
    kinds.set(kind, [...(kinds.get(kind) ?? []), call])
  }
  // The plan and notes have their own places on the screen: they are told only where nothing else is.
  const quiet: readonly Kind[] = ['planned', 'noted', 'asked', 'presented']
  const loud = [...kinds].filter(([kind]) => !quiet.includes(kind))
  const told = (loud.length > 0 ? loud : [...kinds]).map(([kind, each]) => phrase(kind, each))
  const count = (states: readonly CallState[], word: string) => {
    const number = calls.filter((call) => states.includes(call.state)).length
    return number === 0 ? [] : [`${number} ${word}`]
  }
  const line = [...told, ...count(FAILED, 'failed'), ...count(['denied'], 'denied'), ...count(['stopped'], 'stopped')].join(', ')
  return line.charAt(0).toUpperCase() + line.slice(1)
}

function phrase(kind: Kind, calls: readonly Call[]): string {
  const first = calls[0]
  const { one, many } = PHRASES[kind]
  const count = countOf(kind, calls)
  if (count !== 1) return many.replace('#', String(count))
  const path = first === undefined ? undefined : pathOf(first.input)
  const named = path !== undefined && (kind === 'read' || kind === 'wrote' || kind === 'edited')
  return named ? `${one.split(' ')[0] ?? one} ${visible(baseName(path), 'escape')}` : one
}

/** What is being done, for the line of a running call: `Reading report.md`. */
export function doing(call: Call): string {
  const kind = kindOf(call.tool)
  const { now } = PHRASES[kind]
  switch (kind) {
    case 'read':
    case 'wrote':
    case 'edited':
      return `${now} ${visible(baseName(pathOf(call.input) ?? call.tool), 'escape')}`
    case 'ran':
    case 'searched':
    case 'fetched':
      return `${now} ${subject(call)}`
    case 'used':
      return `${now} ${visible(call.tool, 'escape')}`
    case 'planned':
    case 'noted':
    case 'asked':
    case 'presented':
    case 'folder':
      return now
  }
}

/** The file a call is about. */
export function pathOf(input: unknown): string | undefined {
  return textField(input, 'path') ?? textField(input, 'file_path')
}

const LONGEST_SUBJECT = 200

/** One line that says what a call is about: the path, the command, the pattern. */
export function subject(call: Pick<Call, 'tool' | 'input'>): string {
  const text =
    commandOf(call) ??
    textField(call.input, 'pattern') ??
    pathOf(call.input) ??
    textField(call.input, 'url') ??
    textField(call.input, 'query') ??
    fallback(call.input)
  const line = text.trim().split('\n', 1)[0] ?? ''
  const cut = line.length < text.trim().length || line.length > LONGEST_SUBJECT
  return visible(line.slice(0, LONGEST_SUBJECT), 'escape') + (cut ? ' …' : '')
}

function fallback(input: unknown): string {
  const known = fields(input)
  if (known === undefined) return typeof input === 'string' ? input : ''
  for (const value of Object.values(known)) {
    if (typeof value === 'string' && value !== '') return value
    if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? 'entry' : 'entries'}`
  }
  return ''
}

/** The command of a call that runs one. */
export function commandOf(call: Pick<Call, 'tool' | 'input'>): string | undefined {
  return kindOf(call.tool) === 'ran' ? textField(call.input, 'command') : undefined
}

/** The whole input as text: a command as it will run with its settings beneath it, anything else as JSON. */
export function exactInput(tool: string, input: unknown): string {
  const command = commandOf({ tool, input })
  const known = fields(input)
  if (command === undefined || known === undefined) {
    return typeof input === 'string' ? input : (JSON.stringify(input, undefined, 2) ?? '')
  }
  const settings = Object.entries(known).filter(([name]) => name !== 'command')
  return [command, ...settings.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)].join('\n')
}

/** The text of what came back. */
export function outputText(call: Call): string {
  return call.output.flatMap((part) => (part.type === 'text' ? [part.data] : [])).join('\n')
}

/** Where a group as a whole stands: the gravest of what is going on, else the gravest of what happened. */
export function groupState(calls: readonly Call[]): CallState {
  const order: readonly CallState[] = ['waiting', 'running', 'planned', 'unknown', 'failed', 'timed_out', 'denied', 'stopped']
  return order.find((state) => calls.some((call) => call.state === state)) ?? 'ok'
}

/** Milliseconds in which at least one call of a group ran; what still runs counts up to `now`. Waiting does not count. */
export function workOf(calls: readonly Call[], now: number): number {
  const spans = calls
    .flatMap((call) => {
      if (call.startedAt === undefined) return []
      if (call.ms !== undefined) return [{ from: call.startedAt, to: call.startedAt + call.ms }]
      return call.state === 'running' ? [{ from: call.startedAt, to: now }] : []
    })
    .sort((one, other) => one.from - other.from)
  let sum = 0
  let reached = -Infinity
  for (const { from, to } of spans) {
    sum += Math.max(0, to - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  return sum
}

/** Whether a group only asked the reader, which has a card of its own. */
export function onlyAsks(calls: readonly Call[]): boolean {
  return calls.every((call) => kindOf(call.tool) === 'asked' && (call.state === 'ok' || call.state === 'waiting' || call.state === 'running'))
}

/** Whether anything of a group is still going on. */
export function isOpen(calls: readonly Call[]): boolean {
  return calls.some((call) => call.state === 'running' || call.state === 'waiting' || call.state === 'planned')
}
