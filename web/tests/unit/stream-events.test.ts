// Stored events read while they arrive, cut anywhere, whatever stands in them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event } from '@api'
import { decode, DecodeError } from '@lib/decode'
import { EventReader, readEvents } from '@stream/events'
import { created, done, log, replied, said, step, turn, words } from './stream-log'

/** Content that looks like the border between two events: in text, and as a list of its own. */
const LIKE = [
  said('},{"seq":1'), replied(1, words('[{"a":1},{"seq":2}]')),
  replied(2, { type: 'tool_call', data: { id: 'c1', tool: 'Look', input: decode('{"list":[{"a":1},{"seq":2},{"seq":3}],"more":"},{"}') } }),
]
const EVENTS = log([created, said('Grüße, 你好'), turn(1), step(1), ...LIKE, done()])

test('a list cut into pieces of any size is the list', () => {
  const text = JSON.stringify(EVENTS)
  for (let size = 1; size <= text.length + 1; size += size < 40 ? 1 : 97) {
    const reader = new EventReader()
    const found: Event[] = []
    for (let from = 0; from < text.length; from += size) found.push(...reader.push(text.slice(from, from + size)))
    found.push(...reader.end())
    assert.deepEqual(found, EVENTS, `pieces of ${size}`)
  }
})

test('events are given as soon as they are whole', () => {
  const text = JSON.stringify(log([created, said('go'), turn(1)]))
  const reader = new EventReader()
  const border = text.indexOf('},{"seq":3')
  assert.equal(reader.push(text.slice(0, border + 1)).length, 1)
  assert.equal(reader.push(text.slice(border + 1, border + 12)).length, 1)
  assert.equal(reader.push(text.slice(border + 12)).length, 0)
  assert.equal(reader.end().length, 1)
})

test('an answer cut within a character, an empty one, and one that is no list', async () => {
  const read = async (text: string, size: number) => {
    const bytes = new TextEncoder().encode(text)
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let from = 0; from < bytes.length; from += size) controller.enqueue(bytes.slice(from, from + size))
        controller.close()
      },
    })
    const found: Event[] = []
    const count = await readEvents(new Response(body), (event) => void found.push(event))
    assert.equal(count, found.length)
    return found
  }
  assert.deepEqual(await read(JSON.stringify(EVENTS), 7), EVENTS)
  assert.deepEqual(await read('[]', 1), [])
  await assert.rejects(read('<html>', 3), DecodeError)
  await assert.rejects(read(JSON.stringify(EVENTS).slice(0, -20), 50), DecodeError)
})
