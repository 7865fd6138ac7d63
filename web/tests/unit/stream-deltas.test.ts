// What streams in: shown where the reply will stand, taken back by the event that ends it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Delta, Event, Fact } from '@api'
import { fold, TaskFold } from '@stream/reduce'
import { call, created, done, finished, line, log, replied, said, started, step, stopped, thinking, turn, words } from './stream-log'

const begin: Fact[] = [created, said('go'), turn(1), step(1)]
const text = (piece: string, of = 1): Delta => ({ type: 'text', data: { step: of, text: piece } })
const thought = (piece: string, of = 1): Delta => ({ type: 'thinking', data: { step: of, text: piece } })
const begun = (tool: string, of = 1): Delta => ({ type: 'call_begun', data: { step: of, tool } })
const output = (id: string, piece: string): Delta => ({ type: 'output', data: { call: id, text: piece } })

/** A live task: facts as they come, deltas between them. */
function live(script: readonly (Fact | Delta)[]): TaskFold {
  const task = new TaskFold('task')
  let seq = 0
  for (const entry of script) {
    if (isDelta(entry)) task.applyDelta(entry)
    else for (const event of log([entry], (seq += 1))) task.apply(event)
  }
  return task
}

function isDelta(entry: Fact | Delta): entry is Delta {
  return entry.type === 'text' || entry.type === 'thinking' || entry.type === 'call_begun' || entry.type === 'output'
}

const lines = (task: TaskFold) => task.handOut().items.map(line)

test('words grow in place and keep their key when the reply is stored', () => {
  const task = live([...begin, text('It '), text('is '), thought('Hm.'), text('so')])
  assert.deepEqual(lines(task), ['prompt go', 'text | It is so | thinking Hm. | streaming'])
  const streaming = task.handOut().items[1]
  for (const event of log([replied(1, thinking('Hm.'), words('It is so.')), done()], 5)) task.apply(event)
  assert.deepEqual(lines(task), ['prompt go', 'text | It is so. | thinking Hm. | answer'])
  const stored = task.handOut().items[1]
  assert.equal(stored?.key, streaming?.key)
  assert.equal(stored?.at, streaming?.at)
  assert.ok((stored?.version ?? 0) > (streaming?.version ?? 0), 'its version goes on')
})

test('every piece makes a new item and leaves the list as it is', () => {
  const task = live([...begin, text('A')])
  const before = task.handOut().items
  const item = before[1]
  task.applyDelta(text('B'))
  const after = task.handOut().items
  assert.equal(after, before)
  assert.notEqual(after[1], item)
  assert.equal(item?.kind === 'text' ? item.text : undefined, 'A', 'what somebody holds does not change')
})

test('a call that is being written shows at once and becomes the call', () => {
  const task = live([...begin, text('I write.'), begun('Write'), begun('Bash')])
  assert.deepEqual(lines(task), ['prompt go', 'text | I write.', 'calls begun.1.0:planned begun.1.1:planned'])
  const keys = task.handOut().items.map((item) => item.key)
  for (const event of log([replied(1, words('I write.'), call('c1', 'Write'), call('c2', 'Bash'))], 5)) task.apply(event)
  assert.deepEqual(lines(task), ['prompt go', 'text | I write.', 'calls c1:planned c2:planned'])
  assert.deepEqual(task.handOut().items.map((item) => item.key), keys)
})

test('calls that are being written join the calls before them, as they will when stored', () => {
  const first = [...begin, replied(1, call('c1')), started('c1'), finished('c1'), step(2)]
  const task = live([...first, begun('Look', 2)])
  assert.deepEqual(lines(task), ['prompt go', 'calls c1:ok begun.2.0:planned'])
  for (const event of log([replied(2, call('c2'))], first.length + 1)) task.apply(event)
  assert.deepEqual(lines(task), ['prompt go', 'calls c1:ok c2:planned'])
  for (const event of log([started('c2')], first.length + 2)) task.apply(event)
  assert.deepEqual(lines(task), ['prompt go', 'calls c1:ok c2:running'])
})

test('a reply cut in the middle keeps its words under the same key, and the next attempt gets its own', () => {
  const cut: Fact = { type: 'reply_cut', data: { step: 1, text: 'half a', reason: 'the connection broke' } }
  const retry: Fact = { type: 'retry_planned', data: { step: 1, attempt: 1, after_ms: 50, reason: 'the connection broke' } }
  const task = live([...begin, text('half'), text(' a')])
  const key = task.handOut().items[1]?.key
  for (const event of log([cut, retry], 5)) task.apply(event)
  assert.deepEqual(lines(task), ['prompt go', 'text | half a', 'notice cut', 'notice retry'])
  assert.equal(task.handOut().items[1]?.key, key)
  task.applyDelta(text('Whole'))
  assert.deepEqual(lines(task), ['prompt go', 'text | half a', 'notice cut', 'notice retry', 'text | Whole | streaming'])
  const again = task.handOut().items[4]?.key
  assert.notEqual(again, key)
  for (const event of log([replied(1, words('Whole.')), done()], 7)) task.apply(event)
  assert.equal(task.handOut().items[4]?.key, again)
  assert.deepEqual(lines(task).at(-1), 'text | Whole. | answer')
})

test('what never became an event is gone with the end of the turn', () => {
  assert.deepEqual(lines(live([...begin, thought('Hm'), begun('Write'), stopped()])), ['prompt go', 'notice stopped'])
  const paused: Fact = { type: 'paused', data: { reason: 'model', message: 'no', hint: 'do this' } }
  assert.deepEqual(lines(live([...begin, thought('Hm'), paused])), ['prompt go', 'notice paused'])
})

test('deltas of another step, of no step and of ended calls are nobody’s', () => {
  const task = live([created, said('go'), turn(1)])
  assert.equal(task.applyDelta(text('lost')), false)
  for (const event of log([step(1)], 4)) task.apply(event)
  assert.equal(task.applyDelta(text('lost', 2)), false)
  for (const event of log([replied(1, call('c1')), started('c1'), finished('c1')], 5)) task.apply(event)
  task.applyDelta(text('late'))
  task.applyDelta(output('c1', 'late'))
  const calls = task.handOut().items[1]
  assert.deepEqual(lines(task), ['prompt go', 'calls c1:ok'])
  assert.equal(calls?.kind === 'calls' ? calls.calls[0]?.live : undefined, '')
})

test('a running command speaks; only the end is kept, and nothing once it has ended', () => {
  const task = live([...begin, replied(1, call('c1', 'Bash')), started('c1', 'Bash'), output('c1', 'one\n'), output('c1', 'two\n')])
  const spoken = () => {
    const item = task.handOut().items[1]
    return item?.kind === 'calls' ? (item.calls[0]?.live ?? '') : ''
  }
  assert.equal(spoken(), 'one\ntwo\n')
  for (let count = 0; count < 10; count += 1) task.applyDelta(output('c1', 'x'.repeat(50_000)))
  assert.equal(spoken().length, 200_000)
  for (const event of log([finished('c1')], 7)) task.apply(event)
  assert.equal(spoken(), '')
})

test('after a break in the stream old pieces are dropped: the stream tells them again', () => {
  const task = live([...begin, text('It was a dark')])
  task.lose()
  assert.deepEqual(lines(task), ['prompt go'])
  task.applyDelta(text('It was a dark and'))
  task.applyDelta(text(' stormy'))
  assert.deepEqual(lines(task), ['prompt go', 'text | It was a dark and stormy | streaming'])
})

test('what a command said is told again as well', () => {
  const task = live([...begin, replied(1, call('c1', 'Bash')), started('c1', 'Bash'), output('c1', 'one\n')])
  task.lose()
  task.applyDelta(output('c1', 'one\ntwo\n'))
  const item = task.handOut().items[1]
  assert.equal(item?.kind === 'calls' ? item.calls[0]?.live : undefined, 'one\ntwo\n')
})

test('with any deltas between, the end is what the events alone give', () => {
  const facts: Fact[] = [
    ...begin, replied(1, thinking('a'), words('I look.'), call('c1'), words('And more.'), call('c2')), started('c1'), finished('c1'),
    started('c2'), finished('c2'), step(2), { type: 'mode_set', data: { mode: 'auto' } }, said('more'), replied(2, thinking('b'), call('c3')),
    started('c3'), { type: 'presented', data: { files: [{ path: '/outputs/r.md', title: 'R', bytes: 3, media: 'text/markdown' }] } },
    finished('c3'), step(3), { type: 'reply_cut', data: { step: 3, text: 'half', reason: 'broke' } },
    { type: 'retry_planned', data: { step: 3, attempt: 1, after_ms: 5, reason: 'broke' } }, { type: 'compacted', data: { through: 4, summary: 's' } },
    replied(3, call('c4')), started('c4'), finished('c4'), step(4), replied(4, words('Done.')), done(),
  ]
  const plain = (task: TaskFold) => task.handOut().items.map((item) => ({ ...item, version: 0 }))
  const wanted = plain(fold(log(facts)))
  let state = 7
  const chance = (most: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % most
  }
  for (let round = 0; round < 200; round += 1) {
    const task = new TaskFold('task')
    for (const event of log(facts)) {
      task.apply(event)
      for (let more = chance(4); more > 0; more -= 1) {
        const of = 1 + chance(4)
        const delta = [text('a', of), thought('b', of), begun('Look', of), output(`c${of}`, 'x')][chance(4)]
        if (delta !== undefined) task.applyDelta(delta)
        if (chance(3) === 0) task.handOut()
        if (chance(9) === 0) task.lose()
      }
    }
    assert.deepEqual(plain(task), wanted, `round ${round}`)
  }
})

test('a hundred thousand events fold in steps that do not grow', () => {
  const facts: Fact[] = [created, said('go'), turn(1)]
  for (let number = 1; facts.length < 100_000; number += 1) {
    const id = `c${number}`
    const change = { path: `/work/a/${number}`, kind: 'made' as const }
    facts.push(step(number), replied(number, call(id)), started(id), { type: 'files_changed', data: { call: id, turn: 1, changes: [change] } }, finished(id))
  }
  const events: Event[] = log(facts)
  const copied = countCopied(() => {
    const { items, view } = fold(events).handOut()
    assert.equal(items.length, 2)
    assert.equal(items[1]?.kind === 'calls' ? items[1].calls.length : 0, view.changed.length)
  })
  // One pass of copies at the end, when the lists are handed out, and never one for each event.
  assert.ok(copied < 3 * events.length, `${copied} entries were copied for ${events.length} events`)
})

/** How many array entries are copied or moved while something runs. */
function countCopied(run: () => void): number {
  let count = 0
  const undo = (['slice', 'splice', 'filter'] as const).map((name) => {
    const real: unknown = Object.getOwnPropertyDescriptor(Array.prototype, name)?.value
    assert.ok(typeof real === 'function')
    const counted = function (this: unknown[], ...given: unknown[]) {
      count += name === 'splice' ? this.length - Number(given[0]) : this.length
      const result: unknown = Reflect.apply(real, this, given)
      return result
    }
    const put = (value: unknown) => {
      Object.defineProperty(Array.prototype, name, { value, writable: true, configurable: true })
    }
    put(counted)
    return () => {
      put(real)
    }
  })
  try {
    run()
  } finally {
    for (const end of undo) end()
  }
  return count
}
