// A live task over a wire that breaks: what is asked for, what is shown meanwhile, and what is left when nobody looks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event, Fact } from '@api'
import { TaskStore } from '@stream/store'
import { line, log, replied, said, created, step, turn, words, done, stopped } from './stream-log'
import { FakeBrowser } from './stream-ports'

const FACTS: Fact[] = [created, said('go'), turn(1), step(1)]
const lines = (store: TaskStore) => store.items.items.map(line)

interface Opened {
  readonly page: FakeBrowser
  readonly store: TaskStore
  readonly release: () => void
  readonly dropped: () => boolean
}

/** A store in use, its events loaded and its stream open. */
async function opened(facts: readonly Fact[] = FACTS): Promise<Opened> {
  const page = new FakeBrowser()
  const places = new Set<TaskStore>()
  const store = new TaskStore('t 1', page, {
    held: (held) => void places.add(held),
    dropped: (gone) => void places.delete(gone),
  })
  const release = store.hold()
  await page.wire.json(log(facts))
  await page.wire.open()
  await page.wire.frame('live', { head: facts.length })
  page.draw()
  return { page, store, release, dropped: () => places.size === 0 }
}

async function sendEvents(page: FakeBrowser, events: readonly Event[]): Promise<void> {
  for (const event of events) await page.wire.write(`id: ${event.seq}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`)
  page.draw()
}

test('everything stored in one request, then the stream behind it', async () => {
  const page = new FakeBrowser()
  const store = new TaskStore('t 1', page, { held: () => undefined, dropped: () => undefined })
  assert.equal(page.wires.length, 0, 'nobody uses it yet')
  store.hold()
  assert.equal(store.connection, 'loading')
  await page.wire.json(log(FACTS))
  assert.deepEqual(page.wires.map(({ path }) => path), ['/api/v1/tasks/t%201/events?after=0', '/api/v1/tasks/t%201/stream?after=4'])
  assert.deepEqual({ connection: store.connection, lines: lines(store) }, { connection: 'live', lines: ['prompt go'] })
})

test('a giant is loaded in several requests', async () => {
  const page = new FakeBrowser()
  const store = new TaskStore('t', page, { held: () => undefined, dropped: () => undefined })
  store.hold()
  const facts: Fact[] = [created]
  while (facts.length < 100_000) facts.push({ type: 'note_set', data: { text: 'n' } })
  await page.wire.json(log(facts))
  assert.equal(page.wire.path, '/api/v1/tasks/t/events?after=100000')
  await page.wire.json(log([said('go')], 100_001))
  assert.equal(page.wire.path, '/api/v1/tasks/t/stream?after=100001')
})

test('what comes within one picture is told once', async () => {
  const { page, store } = await opened()
  let told = 0
  store.subscribe(() => void (told += 1))
  for (let count = 0; count < 50; count += 1) await page.wire.frame('delta', { type: 'text', data: { step: 1, text: 'A' } })
  assert.equal(told, 0, 'nothing before the picture')
  page.draw()
  assert.deepEqual([told, lines(store)[1]], [1, `text | ${'A'.repeat(50)} | streaming`])
})

test('frames may be cut anywhere, also within a character', async () => {
  const { page, store } = await opened()
  const bytes = new TextEncoder().encode(`event: delta\ndata: ${JSON.stringify({ type: 'text', data: { step: 1, text: 'Grüße, 你好' } })}\r\n\r\n`)
  for (let from = 0; from < bytes.length; from += 5) await page.wire.bytes(bytes.slice(from, from + 5))
  page.draw()
  assert.equal(lines(store)[1], 'text | Grüße, 你好 | streaming')
})

test('a stream that breaks is opened again behind the last event, later each time', async () => {
  const { page, store } = await opened()
  await page.wire.frame('delta', { type: 'text', data: { step: 1, text: 'It was a dark' } })
  await page.wire.end()
  assert.deepEqual([store.connection, lines(store)[1]], ['reconnecting', 'text | It was a dark | streaming'])
  const waits: number[] = []
  for (let attempt = 0; attempt < 7; attempt += 1) {
    const before = { asked: page.wires.length, at: page.now() }
    while (page.wires.length === before.asked) await page.pass(100)
    waits.push(page.now() - before.at)
    assert.equal(page.wire.path, '/api/v1/tasks/t%201/stream?after=4')
    await page.wire.refuse()
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  await page.pass(10_000)
  await page.wire.open()
  assert.equal(store.connection, 'reconnecting', 'not before it has caught up')
  await page.wire.frame('delta', { type: 'text', data: { step: 1, text: 'It was a dark and' } })
  await page.wire.frame('live', { head: 4 })
  await page.wire.frame('delta', { type: 'text', data: { step: 1, text: ' stormy' } })
  page.draw()
  assert.deepEqual([store.connection, lines(store)], ['live', ['prompt go', 'text | It was a dark and stormy | streaming']])
  await sendEvents(page, log([replied(1, words('It was a dark and stormy night.')), done()], 5))
  assert.deepEqual(lines(store), ['prompt go', 'text | It was a dark and stormy night. | answer'])
  await page.wire.end()
  await page.pass(500)
  assert.equal(page.wire.path, '/api/v1/tasks/t%201/stream?after=6')
})

test('events that come again after a break are folded once', async () => {
  const { page, store } = await opened()
  await page.wire.end()
  await page.pass(500)
  await page.wire.open()
  await sendEvents(page, log([...FACTS, replied(1, words('A.'))]))
  assert.deepEqual(lines(store), ['prompt go', 'text | A.'])
})

test('the page or the network coming back ends the wait', async () => {
  const { page, store } = await opened()
  await page.wire.end()
  await page.pass(500)
  await page.wire.refuse()
  const asked = page.wires.length
  await page.show(true)
  assert.equal(page.wires.length, asked + 1)
  await page.wire.open()
  await page.wire.frame('live', { head: 4 })
  page.draw()
  assert.equal(store.connection, 'live')
})

test('a connection without a word is dead; a comment is a word', async () => {
  const { page, store } = await opened()
  await page.pass(30_000)
  await page.wire.write(':\n\n')
  await page.pass(30_000)
  assert.equal(store.connection, 'live')
  const wire = page.wire
  await page.pass(10_000)
  assert.deepEqual([store.connection, wire.aborted], ['reconnecting', true])
})

test('a task that is gone is said to be gone, and nobody asks again', async () => {
  const body = { code: 'no_task', message: 'there is no task `t`', hint: 'look at Recents' }
  const page = new FakeBrowser()
  const store = new TaskStore('t', page, { held: () => undefined, dropped: () => undefined })
  store.hold()
  await page.wire.json(body, 404)
  const gone = { reason: 'gone', message: body.message, hint: body.hint }
  assert.deepEqual([store.connection, store.failure], ['failed', gone])
  await page.pass(60_000)
  assert.equal(page.wires.length, 1)
  // Also one that goes while it is looked at.
  const live = await opened()
  await live.page.wire.frame('error', body)
  assert.deepEqual([live.store.connection, live.store.failure], ['failed', gone])
  await live.page.pass(60_000)
  assert.equal(live.page.wires.length, 2)
  live.store.retry()
  assert.equal(live.page.wires.length, 3)
})

test('a task that was gone is asked for again when it is opened again', async () => {
  const { page, store, release } = await opened()
  await page.wire.frame('error', { code: 'no_task', message: 'there is no task `t`', hint: 'look at Recents' })
  release()
  assert.equal(store.connection, 'failed')
  store.hold()
  assert.deepEqual([store.connection, store.failure], ['loading', undefined])
  await page.wire.open()
  await page.wire.frame('live', { head: 4 })
  page.draw()
  assert.deepEqual([store.connection, lines(store)], ['live', ['prompt go']])
})

test('a task whose daemon does not answer is asked for until it does', async () => {
  const page = new FakeBrowser()
  const store = new TaskStore('t', page, { held: () => undefined, dropped: () => undefined })
  store.hold()
  await page.wire.refuse()
  await page.pass(1000)
  assert.deepEqual([page.wires.length, store.connection], [2, 'loading'])
  await page.wire.json(log(FACTS))
  assert.equal(store.connection, 'live')
})

test('a task is kept for half a minute after the last one who used it', async () => {
  const { page, store, release, dropped } = await opened()
  const second = store.hold()
  release()
  release()
  await page.pass(60_000)
  await page.wire.write(':\n\n')
  assert.equal(dropped(), false, 'somebody uses it')
  second()
  await page.pass(29_999)
  const again = store.hold()
  await page.pass(30_000)
  assert.equal(dropped(), false, 'used again in time')
  again()
  await page.pass(30_000)
  assert.deepEqual([dropped(), page.wire.aborted, page.timers, page.listeners], [true, true, 0, 0])
  store.hold()
  assert.equal(page.wire.path, '/api/v1/tasks/t%201/stream?after=4', 'used again, it goes on where it was')
})

test('a page nobody looks at lets its connection go after a minute', async () => {
  const { page, store } = await opened()
  await page.show(false)
  await page.wire.write(':\n\n')
  await page.pass(30_000)
  await page.wire.write(':\n\n')
  assert.equal(page.wire.aborted, false)
  await page.pass(30_000)
  assert.equal(page.wire.aborted, true)
  await page.show(true)
  await page.wire.open()
  await sendEvents(page, log([replied(1, words('A.'))], 5))
  assert.deepEqual(lines(store), ['prompt go', 'text | A.'])
})

test('looking at what is new is told once', async () => {
  const { page, store } = await opened([...FACTS, replied(1, words('A.')), done()])
  assert.equal(store.view.unread, true)
  assert.deepEqual(page.seen, ['t 1'])
  await sendEvents(page, log([{ type: 'note_set', data: { text: 'n' } }], 7))
  assert.deepEqual(page.seen, ['t 1'], 'once')
  await sendEvents(page, log([{ type: 'marked', data: { type: 'seen' } }], 8))
  assert.equal(store.view.unread, false)
  await page.show(false)
  await sendEvents(page, log([said('again'), turn(2), step(2), replied(2, words('B.')), done(2)], 9))
  assert.deepEqual(page.seen, ['t 1'], 'nobody looks')
  await page.show(true)
  assert.deepEqual(page.seen, ['t 1', 't 1'])
})

test('that the user has looked is told again where the daemon did not hear it', async () => {
  const { page } = await opened([...FACTS, replied(1, words('A.')), done()])
  page.deaf = true
  await sendEvents(page, log([said('again'), turn(2), step(2), replied(2, words('B.')), done(2)], 7))
  assert.equal(page.seen.length, 2)
  await sendEvents(page, log([{ type: 'note_set', data: { text: 'n' } }], 12))
  assert.equal(page.seen.length, 2, 'not with everything that comes')
  page.deaf = false
  await page.wire.frame('live', { head: 12 })
  page.draw()
  assert.equal(page.seen.length, 3)
})

test('a task the user wants to look at again later stays unread while it is open', async () => {
  const { page, store, release } = await opened([...FACTS, stopped()])
  await sendEvents(page, log([{ type: 'marked', data: { type: 'unseen' } }], 6))
  assert.deepEqual([store.view.unread, page.seen], [true, []])
  await sendEvents(page, log([{ type: 'titled', data: { title: 'New' } }], 7))
  assert.deepEqual(page.seen, [])
  release()
  store.hold()
  assert.deepEqual(page.seen, ['t 1'], 'opened again')
})
