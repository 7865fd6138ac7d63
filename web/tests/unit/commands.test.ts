// A command whose answer was lost keeps its id; one that was answered, or refused, does not.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { ApiError, say } from '../../src/api'
import { decode } from '../../src/lib/decode'

const real = globalThis.fetch

afterEach(() => {
  globalThis.fetch = real
})

/** Answers as told, one entry for each request, and gives the ids it was sent. */
function answering(answers: readonly (Response | 'lost')[]): string[] {
  const ids: string[] = []
  const left = [...answers]
  globalThis.fetch = async (input) => {
    assert.ok(input instanceof Request)
    ids.push(decode<{ id: string }>(await input.text()).id)
    const answer = left.shift()
    if (answer === undefined || answer === 'lost') throw new TypeError('the connection broke')
    return answer
  }
  return ids
}

const said = () => Response.json({ seq: 1 })

test('the same message sent again after a lost answer carries the same id, and a new one afterwards', async () => {
  const ids = answering(['lost', said(), said()])
  await assert.rejects(say('t1', 'Go on.', []), (error) => error instanceof ApiError && error.code === 'offline')
  await say('t1', 'Go on.', [])
  await say('t1', 'Go on.', [])
  assert.equal(ids.length, 3)
  assert.equal(ids[0], ids[1])
  assert.notEqual(ids[1], ids[2])
})

test('other words, another task or a refusal get an id of their own', async () => {
  const refused = Response.json({ code: 'refused', message: 'not now' }, { status: 409 })
  const ids = answering(['lost', said(), said(), refused, said()])
  await assert.rejects(say('t2', 'One', []))
  await say('t2', 'Two', [])
  await say('t3', 'One', [])
  await assert.rejects(say('t3', 'One', []), (error) => error instanceof ApiError && error.code === 'refused')
  await say('t3', 'One', [])
  assert.equal(new Set(ids).size, 5)
})

test('the same words long after a lost answer are meant anew', async (context) => {
  context.mock.timers.enable({ apis: ['Date'] })
  const ids = answering(['lost', said()])
  await assert.rejects(say('t4', 'Go on.', []))
  context.mock.timers.tick(5 * 60_000 + 1)
  await say('t4', 'Go on.', [])
  assert.notEqual(ids[0], ids[1])
})
