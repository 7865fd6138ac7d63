// The conversation as the fold of its events: what a reader meets, in which order, and what becomes of it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Event, Fact } from '@api'
import { decode } from '@lib/decode'
import { fold, TaskFold } from '@stream/reduce'
import {
  allowed, approval, asked, call, created, done, finished, line, log, question, replied, said, started, step, stopped, thinking,
  turn, words,
} from './stream-log'

const items = (facts: readonly Fact[]) => fold(log(facts)).handOut().items
const lines = (facts: readonly Fact[]) => items(facts).map(line)
const begin = [created, said('go'), turn(1)]

test('the log of the first release is one conversation', () => {
  const file = new URL('../../../crates/engine/tests/it/releases/0.1.0.jsonl', import.meta.url)
  const events = readFileSync(file, 'utf8').trim().split('\n').map((text) => decode<Event>(text))
  const { items: shown, view, turns } = fold(events).handOut()
  assert.deepEqual(shown.map(line), [
    'prompt Write the report',
    'text | I look first.',
    'calls script_1_1:ok script_1_2:ok script_1_3:ok script_2_1:ok',
    'question q1 answered',
    'calls script_3_1:ok',
    'approval a1 allow',
    'text | The report is in your folder. | answer',
  ])
  assert.equal(view.state, 'done')
  assert.deepEqual(view.progress.items.map((item) => item.state), ['done', 'active'])
  assert.equal(turns.length, 1)
  assert.deepEqual({ changed: turns[0]?.changed, usage: turns[0]?.usage }, {
    changed: 1, usage: { input: 4951, output: 71, cache_read: 0, cache_write: 0 },
  })
  const calls = shown[2]
  assert.equal(calls?.kind, 'calls')
  if (calls?.kind !== 'calls') return
  assert.deepEqual(calls.calls[0], {
    id: 'script_1_1', tool: 'Look', input: { path: 'a.csv' }, effects: [{ type: 'read_path', data: '/work/Reports/a.csv' }],
    state: 'ok', output: [{ type: 'text', data: 'saw a.csv' }], live: '', ms: 0, startedAt: 1700000010000, changes: [], moreChanges: 0,
  })
})

test('calls without words between them are one item across steps', () => {
  assert.deepEqual(
    lines([
      ...begin, step(1), replied(1, call('c1'), call('c2')), started('c1'), finished('c1'), started('c2'), finished('c2', 'failed'),
      step(2), replied(2, call('c3')), started('c3'), finished('c3'),
      step(3), replied(3, words('Now the rest.'), call('c4'), words('And this.'), call('c5')), started('c4'),
      finished('c4'), started('c5'),
    ]),
    ['prompt go', 'calls c1:ok c2:failed c3:ok', 'text | Now the rest.', 'calls c4:ok', 'text | And this.', 'calls c5:running'],
  )
})

test('thinking alone does not part calls; it stands with the words it led to', () => {
  assert.deepEqual(
    lines([
      ...begin, step(1), replied(1, thinking('First look.'), call('c1')), finished('c1'),
      step(2), replied(2, thinking('Then look again.'), call('c2')), finished('c2'),
      step(3), replied(3, thinking('Enough.'), words('It is so.')), done(),
    ]),
    ['prompt go', 'calls c1:ok c2:ok', 'text | It is so. | thinking First look.\n\nThen look again.\n\nEnough. | answer'],
  )
})

test('only the last words of a finished turn are the answer', () => {
  const narrated = [...begin, step(1), replied(1, words('I look.'), call('c1')), finished('c1'), step(2), replied(2, words('Done.'))]
  assert.deepEqual(lines([...narrated, done()]).slice(1), ['text | I look.', 'calls c1:ok', 'text | Done. | answer'])
  assert.deepEqual(lines([...narrated, stopped()]).slice(1), ['text | I look.', 'calls c1:ok', 'text | Done.', 'notice stopped'])
})

test('an approval stands behind its call and stays as a record', () => {
  const waiting = [...begin, step(1), replied(1, call('c1', 'Change'), call('c2')), asked('a1', 'c1')]
  assert.deepEqual(lines(waiting), ['prompt go', 'calls c1:waiting c2:planned', 'approval a1'])
  assert.deepEqual(lines([...waiting, allowed('a1')]), ['prompt go', 'calls c1:planned c2:planned', 'approval a1 allow'])
  const ran = [...waiting, allowed('a1'), started('c1'), finished('c1')]
  assert.deepEqual(lines(ran), ['prompt go', 'calls c1:ok c2:planned', 'approval a1 allow'])
  // Asked again for the same call: the first can no longer be answered.
  assert.deepEqual(lines([...waiting, asked('a2', 'c1')]).slice(2), ['approval a1 moot', 'approval a2'])
  // The call ended, or the turn did.
  assert.deepEqual(lines([...waiting, finished('c1', 'stopped')]).slice(1), ['calls c1:stopped c2:planned', 'approval a1 moot'])
  assert.deepEqual(lines([...waiting, stopped()]).slice(1), [
    'calls c1:stopped c2:stopped', 'approval a1 moot', 'notice stopped',
  ])
})

test('a question waits, is answered, or is of no more use', () => {
  const questioned: Fact = { type: 'question_asked', data: { question: 'q1', call: 'c1', questions: [question] } }
  const answered: Fact = { type: 'question_answered', data: { question: 'q1', answers: [{ chosen: ['mm'] }] } }
  const waiting = [...begin, step(1), replied(1, call('c1')), questioned]
  assert.deepEqual(lines(waiting).slice(1), ['calls c1:waiting', 'question q1'])
  assert.deepEqual(lines([...waiting, answered, finished('c1')]).slice(1), ['calls c1:ok', 'question q1 answered'])
  assert.deepEqual(lines([...waiting, stopped()]).slice(1), ['calls c1:stopped', 'question q1 moot', 'notice stopped'])
})

test('a call that was allowed while it ran goes on running', () => {
  const facts = [...begin, step(1), replied(1, call('c1')), started('c1'), asked('a1', 'c1'), allowed('a1')]
  assert.deepEqual(lines(facts).slice(1), ['calls c1:running', 'approval a1 allow'])
})

test('what is said during a turn waits for the next step', () => {
  const facts = [...begin, step(1), replied(1, call('c1')), started('c1'), said('in inches please')]
  assert.deepEqual(lines(facts), ['prompt go', 'calls c1:running', 'prompt in inches please (waiting)'])
  const read = [...facts, finished('c1'), step(2), replied(2, words('In inches.')), done()]
  assert.deepEqual(lines(read), ['prompt go', 'calls c1:ok', 'prompt in inches please', 'text | In inches. | answer'])
})

test('what was said while a reply came in stands behind that reply, live and later', () => {
  const before = log([...begin, step(1)])
  const after = log([said('and in inches'), replied(1, words('I look.'), call('c1'))], before.length + 1)
  const live = fold(before)
  live.applyDelta({ type: 'text', data: { step: 1, text: 'I lo' } })
  const [spoken, reply] = after
  assert.ok(spoken !== undefined && reply !== undefined)
  live.apply(spoken)
  assert.deepEqual(live.handOut().items.map(line), ['prompt go', 'text | I lo | streaming', 'prompt and in inches (waiting)'])
  live.apply(reply)
  const wanted = ['prompt go', 'text | I look.', 'calls c1:planned', 'prompt and in inches (waiting)']
  assert.deepEqual(live.handOut().items.map(line), wanted)
  assert.deepEqual(fold([...before, ...after]).handOut().items.map(line), wanted)
})

test('turns of prompts: the first message belongs to the turn it starts, a later one to the turn it joins', () => {
  const facts = [...begin, step(1), said('more'), replied(1, words('A.')), done(), said('again'), turn(2)]
  assert.deepEqual(
    items(facts).filter((item) => item.kind === 'prompt').map((item) => item.turn),
    [1, 1, 2],
  )
})

test('a reply that was cut keeps its words and is tried again below', () => {
  const cut: Fact = { type: 'reply_cut', data: { step: 1, text: 'half a', reason: 'the connection broke' } }
  const retry: Fact = { type: 'retry_planned', data: { step: 1, attempt: 1, after_ms: 50, reason: 'the connection broke' } }
  const facts = [...begin, step(1), cut, retry, replied(1, words('A whole answer.')), done()]
  assert.deepEqual(lines(facts), [
    'prompt go', 'text | half a', 'notice cut', 'notice retry', 'text | A whole answer. | answer',
  ])
  const keys = items(facts).map((item) => item.key)
  assert.equal(new Set(keys).size, keys.length)
})

test('a reply the user stopped needs no second word about it', () => {
  const events = log([...begin, step(1), { type: 'reply_cut', data: { step: 1, text: 'half', reason: 'stopped by you' } }, stopped()])
  const told = events.map((event): Event => (event.fact.type === 'reply_cut' ? { ...event, actor: 'user' } : event))
  assert.deepEqual(fold(told).handOut().items.map(line), ['prompt go', 'text | half', 'notice stopped'])
})

test('a model that could not be reached goes on behind the notice after Resume', () => {
  const paused: Fact = { type: 'paused', data: { reason: 'model', message: 'no', hint: 'do this' } }
  const facts = [...begin, step(1), paused, { type: 'resumed', data: {} } as const, replied(1, words('Back.')), done()]
  assert.deepEqual(lines(facts), ['prompt go', 'notice paused', 'notice resumed', 'text | Back. | answer'])
})

test('every other fact: a line, a place in a call, or nothing', () => {
  const table: [Fact, string[]][] = [
    [{ type: 'files_changed', data: { call: 'c1', turn: 1, changes: [{ path: '/work/a/x', kind: 'made' }] } }, []],
    [{ type: 'files_changed', data: { turn: 0, changes: [{ path: '/work/a/x', kind: 'deleted' }], undo: true } }, ['notice undone']],
    [{ type: 'presented', data: { files: [{ path: '/outputs/r.md', title: 'R', bytes: 3, media: 'text/markdown' }] } }, ['outputs /outputs/r.md']],
    [{ type: 'folder_added', data: { name: 'b', path: '/home/ann/b', access: 'read_only' } }, ['notice folder_added']],
    [{ type: 'folder_removed', data: { name: 'a' } }, ['notice folder_removed']],
    [{ type: 'mode_set', data: { mode: 'auto' } }, ['notice mode']],
    [{ type: 'model_set', data: { model: 'p/n' } }, ['notice model']],
    [{ type: 'effort_set', data: { effort: 'high' } }, ['notice effort']],
    [{ type: 'limits_set', data: { limits: { steps: 1 } } }, ['notice limits']],
    [{ type: 'instructions_set', data: { text: 'Be brief.' } }, ['notice instructions']],
    [{ type: 'file_pinned', data: { path: '/work/a/x' } }, ['notice pinned']],
    [{ type: 'file_unpinned', data: { path: '/work/a/x' } }, ['notice unpinned']],
    [{ type: 'grant_added', data: { id: 'g1', scope: 'task', allows: { type: 'write_path', data: '/work/a' } } }, ['notice granted']],
    [{ type: 'grant_revoked', data: { grant: 'g1' } }, ['notice revoked']],
    [{ type: 'tool_withdrawn', data: { tool: 'Bash', reason: 'no sandbox', hint: 'install it' } }, ['notice withdrawn']],
    [{ type: 'compacted', data: { through: 3, summary: 's' } }, ['notice compacted']],
    [{ type: 'log_mended', data: { bytes: 12 } }, ['notice mended']],
    [{ type: 'paused', data: { reason: 'user', message: 'Paused.', hint: 'Resume.' } }, ['notice paused']],
    [{ type: 'resumed', data: {} }, ['notice resumed']],
    [{ type: 'turn_ended', data: { turn: 1, ending: { type: 'failed', data: { code: 'refused', message: 'no', hint: 'ask' } } } }, ['notice failed']],
    [{ type: 'plan_set', data: { items: [{ text: 'Read', state: 'done' }] } }, []],
    [{ type: 'note_set', data: { text: 'note' } }, []],
    [{ type: 'titled', data: { title: 'Second' } }, []],
    [{ type: 'sandbox_started', data: { tier: 'vm' } }, []],
    [{ type: 'marked', data: { type: 'pinned' } }, []],
  ]
  for (const [fact, more] of table) {
    const before = [...begin, step(1), replied(1, call('c1')), started('c1'), finished('c1')]
    assert.deepEqual(lines([...before, fact]), ['prompt go', 'calls c1:ok', ...more], fact.type)
  }
  // What the task was set up with before anything was said is no news.
  assert.deepEqual(lines([created, { type: 'instructions_set', data: { text: 'Be brief.' } }, said('go')]), ['prompt go'])
  // A grant that follows an answer is told by the answer.
  const granted: Fact = { type: 'grant_added', data: { id: 'g1', scope: 'task', allows: { type: 'run', data: '' } } }
  const facts = [...begin, step(1), replied(1, call('c1')), asked('a1', 'c1'), allowed('a1'), granted]
  assert.deepEqual(lines(facts), ['prompt go', 'calls c1:planned', 'approval a1 allow'])
})

test('what changed stands with the call that did it', () => {
  const change = { path: '/work/a/x', kind: 'made' } as const
  const facts: Fact[] = [
    ...begin, step(1), replied(1, call('c1')), started('c1'), { type: 'files_changed', data: { call: 'c1', turn: 1, changes: [change] } },
    { type: 'files_changed', data: { call: 'c1', turn: 1, changes: [{ ...change, kind: 'changed' }] } }, finished('c1'),
  ]
  const { items: shown, turns } = fold(log(facts)).handOut()
  const last = shown.at(-1)
  assert.deepEqual(last?.kind === 'calls' ? last.calls[0]?.changes.map(({ kind }) => kind) : undefined, ['made', 'changed'])
  assert.equal(turns[0]?.changed, 1)
})

test('a revoked grant says what it was about', () => {
  const facts: Fact[] = [
    ...begin, { type: 'grant_added', data: { id: 'g1', scope: 'task', allows: { type: 'write_path', data: '/work/a' } } },
    { type: 'grant_revoked', data: { grant: 'g1' } },
  ]
  const told = items(facts).flatMap((item) => (item.kind === 'notice' ? [item.notice] : []))
  assert.deepEqual(told, [{ what: 'granted', about: '/work/a' }, { what: 'revoked', about: '/work/a' }])
})

test('a fact of a newer daemon changes nothing but the head', () => {
  const events = log([...begin, step(1), replied(1, words('Hm.'))])
  const known = fold(events)
  const before = known.handOut().items
  const fact = { type: 'dreamt', data: { of: 'sheep' } }
  const strange = decode<Event>(JSON.stringify({ ...events[0], seq: events.length + 1, fact }))
  assert.equal(known.apply(strange), true)
  assert.equal(known.handOut().items, before)
  assert.equal(known.head, events.length + 1)
})

test('an event that comes again changes nothing', () => {
  const events = log([...begin, step(1), replied(1, words('A.')), done()])
  const once = fold(events)
  const before = once.handOut()
  for (const event of events) assert.equal(once.apply(event), false)
  const after = once.handOut()
  assert.equal(after.items, before.items)
  assert.equal(after.view, before.view)
  assert.equal(after.turns, before.turns)
})

test('what was handed out keeps its length, and its identity until something comes or goes', () => {
  const live = new TaskFold('task')
  const events = log([...begin, step(1), replied(1, call('c1')), started('c1'), finished('c1'), asked('a1', 'c1')])
  for (const event of events.slice(0, 5)) live.apply(event)
  const before = live.handOut()
  const calls = before.items[1]
  for (const event of events.slice(5, 7)) live.apply(event)
  const changed = live.handOut()
  assert.equal(changed.items, before.items, 'nothing came or went')
  assert.notEqual(changed.items[1], calls, 'a changed item is another object')
  assert.equal(changed.items[1]?.version, 2)
  for (const event of events.slice(7)) live.apply(event)
  const grown = live.handOut()
  assert.notEqual(grown.items, before.items)
  assert.deepEqual([before.items.length, grown.items.length], [2, 3])
})

test('approvals in the view and in the conversation are the same', () => {
  const { view } = fold(log([...begin, step(1), replied(1, call('c1')), asked('a1', 'c1')])).handOut()
  assert.deepEqual(view.approvals, [approval('a1', 'c1')])
  assert.equal(view.state, 'needs_you')
})
