// The view is the daemon's view: a log with the view the daemon made of it, and the daemon's own tables
// (`crates/view/src/fold_tests.rs`) once more.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Ending, Event, Fact, Mark, PauseReason, TaskState, View } from '@api'
import { decode } from '@lib/decode'
import { fold } from '@stream/reduce'
import { emptyView, viewOf } from '@stream/view'
import { allowed, approval, asked, created, done, finished, log, question, replied, said, step, stopped, turn, words } from './stream-log'

const view = (facts: readonly Fact[]) => viewOf(log(facts))
const failed: Fact = { type: 'turn_ended', data: { turn: 1, ending: { type: 'failed', data: { code: 'refused', message: 'no', hint: 'ask' } } } }
const paused = (reason: PauseReason = 'limit'): Fact => ({ type: 'paused', data: { reason, message: 'limit met', hint: 'raise it' } })
const resumed: Fact = { type: 'resumed', data: {} }
const marked = (mark: Mark): Fact => ({ type: 'marked', data: mark })
const questioned = (id: string): Fact => ({ type: 'question_asked', data: { question: id, call: 'c', questions: [question] } })
const questionAnswered = (id: string): Fact => ({ type: 'question_answered', data: { question: id, answers: [] } })

test('a log of the daemon gives the view the daemon gave', () => {
  const file = new URL('stream-view.json', import.meta.url)
  const { events, view: wanted } = decode<{ events: Event[]; view: View }>(readFileSync(file, 'utf8'))
  assert.deepEqual(viewOf(events), wanted)
  assert.deepEqual(fold(events).handOut().view, wanted)
  assert.ok(events.length > 60)
})

test('where a task stands after each fact', () => {
  const stories: [Fact, TaskState][][] = [
    [[created, 'new'], [said('hi'), 'new'], [turn(1), 'working'], [done(), 'done']],
    [[created, 'new'], [turn(1), 'working'], [failed, 'failed'], [turn(2), 'working']],
    [[created, 'new'], [turn(1), 'working'], [stopped(), 'stopped'], [said('hi'), 'working']],
    [[turn(1), 'working'], [asked('a1', 'c1'), 'needs_you'], [asked('a2', 'c2'), 'needs_you'], [allowed('a1'), 'needs_you'], [allowed('a2'), 'working']],
    [
      [turn(1), 'working'], [questioned('q1'), 'needs_you'], [asked('a1', 'c1'), 'needs_you'], [questionAnswered('q1'), 'needs_you'],
      [finished('c1', 'denied'), 'working'],
    ],
    [
      [turn(1), 'working'], [paused(), 'paused'], [asked('a1', 'c1'), 'paused'], [resumed, 'needs_you'], [done(), 'done'],
      [turn(2), 'working'],
    ],
    [[turn(1), 'working'], [paused(), 'paused'], [said('hi'), 'working'], [paused(), 'paused'], [turn(2), 'working']],
    [[created, 'new'], [paused(), 'paused'], [resumed, 'new'], [turn(1), 'working'], [paused(), 'paused'], [failed, 'failed']],
  ]
  for (const story of stories) {
    story.forEach(([, state], index) => {
      const facts = story.slice(0, index + 1).map(([fact]) => fact)
      assert.equal(view(facts).state, state, JSON.stringify(facts.at(-1)))
    })
  }
})

test('what the user has not looked at', () => {
  const stories: [Fact, boolean][][] = [
    [[created, false], [said('hi'), false], [turn(1), false], [done(), true], [marked({ type: 'seen' }), false]],
    [[failed, true], [said('hi'), false], [stopped(), false]],
    [[asked('a1', 'c1'), true], [allowed('a1'), false], [questioned('q1'), true], [questionAnswered('q1'), false]],
    [[asked('a1', 'c1'), true], [stopped(), false]],
    [[paused('limit'), true], [paused('user'), false], [paused('model'), true]],
    [[marked({ type: 'seen' }), false], [marked({ type: 'unseen' }), true], [replied(1, words('more')), true], [said('hi'), false]],
  ]
  for (const story of stories) {
    story.forEach(([, unread], index) => {
      const facts = story.slice(0, index + 1).map(([fact]) => fact)
      assert.equal(view(facts).unread, unread, JSON.stringify(facts.at(-1)))
    })
  }
})

test('what waits for the user', () => {
  const steps: [Fact, string][] = [
    [asked('a1', 'c1'), 'a1 |'], [asked('a2', 'c2'), 'a1 a2 |'], [questioned('q1'), 'a1 a2 | q1'], [questioned('q2'), 'a1 a2 | q1 q2'],
    [allowed('a2'), 'a1 | q1 q2'], [allowed('a9'), 'a1 | q1 q2'], [questionAnswered('q1'), 'a1 | q2'], [finished('c1', 'stopped'), '| q2'],
    [asked('a3', 'c3'), 'a3 | q2'], [asked('a4', 'c3'), 'a4 | q2'], [stopped(), '|'],
  ]
  const facts: Fact[] = [turn(1)]
  for (const [fact, wanted] of steps) {
    facts.push(fact)
    const { approvals, questions } = view(facts)
    const told = [...approvals.map(({ id }) => id), '|', ...questions.map(([id]) => id)].join(' ')
    assert.equal(told, wanted)
  }
  assert.deepEqual(view([turn(1), asked('a1', 'c1'), questioned('q1')]).questions, [['q1', [question]]])
  assert.deepEqual(view([turn(1), asked('a1', 'c1')]).approvals, [approval('a1', 'c1')])
})

test('files are listed once, the newest last', () => {
  const card = (path: string, title: string) => ({ path, title, bytes: 1, media: 'm' })
  const shown = view([
    turn(1), { type: 'presented', data: { files: [card('a', 'old'), card('b', 'B')] } },
    { type: 'files_changed', data: { turn: 1, changes: [{ path: 'x', kind: 'made' }, { path: 'y', kind: 'changed' }] } },
    turn(2), { type: 'presented', data: { files: [card('a', 'new')] } },
    { type: 'files_changed', data: { turn: 1, changes: [{ path: 'x', kind: 'deleted' }], undo: true } },
  ])
  assert.deepEqual(shown.outputs, [{ ...card('b', 'B'), turn: 1 }, { ...card('a', 'new'), turn: 2 }])
  assert.deepEqual(shown.changed, [{ path: 'y', kind: 'changed' }, { path: 'x', kind: 'deleted' }])
})

test('usage adds up, also where a log leaves the cache out; the context is the last reply’s', () => {
  const { usage, context_tokens, steps, last_text } = view([turn(1), step(4), replied(4, words('one')), replied(4)])
  assert.deepEqual({ usage, context_tokens, steps, last_text }, {
    usage: { input: 20, output: 4, cache_read: 0, cache_write: 0 }, context_tokens: 10, steps: 4, last_text: 'one',
  })
})

test('why it stopped is kept until it goes on', () => {
  const ending = (facts: readonly Fact[]): Ending | null | undefined => view(facts).ending
  assert.deepEqual(view([turn(1), paused()]).paused, ['limit met', 'raise it'])
  assert.equal(view([turn(1), paused(), resumed]).paused, null)
  assert.deepEqual(ending([turn(1), failed]), failed.type === 'turn_ended' ? failed.data.ending : undefined)
  assert.equal(ending([turn(1), failed, said('hi')]), null)
  assert.equal(ending([turn(1), failed, turn(2)]), null)
})

test('a tool that was withdrawn is tried again when work goes on', () => {
  const withdrawn = { tool: 'Bash', reason: 'gone', hint: 'install it' }
  const withdraw: Fact = { type: 'tool_withdrawn', data: withdrawn }
  assert.deepEqual(view([turn(1), withdraw, withdraw]).withdrawn, [withdrawn])
  assert.deepEqual(view([turn(1), withdraw, said('hi')]).withdrawn, [withdrawn])
  for (const again of [[turn(2)], [resumed], [paused(), said('hi')]]) assert.deepEqual(view([turn(1), withdraw, ...again]).withdrawn, [])
})

test('a mark shows and moves nothing', () => {
  const facts: Fact[] = [created, turn(1), done()]
  const before = view(facts)
  const steps: [Mark, Partial<View>][] = [
    [{ type: 'pinned' }, { pinned: true }], [{ type: 'archived' }, { archived: true }], [{ type: 'unpinned' }, { pinned: false }],
    [{ type: 'unarchived' }, { archived: false }], [{ type: 'project', data: { name: 'Q' } }, { project: 'Q' }],
    [{ type: 'project', data: {} }, { project: null }],
  ]
  let wanted = before
  for (const [mark, change] of steps) {
    facts.push(marked(mark))
    wanted = { ...wanted, ...change, head: facts.length }
    assert.deepEqual(view(facts), wanted)
  }
  facts.push(said('hi'))
  assert.equal(view(facts).changed_at, facts.length * 1000)
})

test('a view that was handed out does not change', () => {
  const task = fold(log([created, said('go')]))
  const before = task.handOut().view
  const copy = structuredClone(before)
  for (const event of log([turn(1), step(1), replied(1, words('A.')), asked('a1', 'c1')], 3)) task.apply(event)
  assert.deepEqual(before, copy)
  assert.equal(task.handOut().view.head, 6)
  assert.deepEqual(viewOf([]), emptyView(''))
})
