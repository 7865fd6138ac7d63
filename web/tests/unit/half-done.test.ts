// Half an answer and half a note outlive the page, and go when their card is answered.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { keepOnly, readHalf, textOf, textsOf, writeHalf } from '../../src/features/conversation/half-done'

const stored = new Map<string, string>()

beforeEach(() => {
  stored.clear()
  const localStorage = {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => stored.set(name, value),
    removeItem: (name: string) => stored.delete(name),
  }
  Object.defineProperty(globalThis, 'localStorage', { value: localStorage, configurable: true })
})

test('every field of every card of a task is kept by itself', () => {
  writeHalf('t1', 'q1', '0.chosen', ['Metric'])
  writeHalf('t1', 'q1', '0.other', 'Both')
  writeHalf('t1', 'a2', 'note', 'Not that one')
  writeHalf('t2', 'q1', '0.other', 'Another task')
  assert.deepEqual(textsOf(readHalf('t1', 'q1', '0.chosen')), ['Metric'])
  assert.equal(textOf(readHalf('t1', 'q1', '0.other')), 'Both')
  assert.equal(textOf(readHalf('t1', 'a2', 'note')), 'Not that one')
  assert.equal(textOf(readHalf('t2', 'q1', '0.other')), 'Another task')
  assert.equal(textOf(readHalf('t1', 'q9', 'note')), '')
})

test('what is answered goes, what waits stays', () => {
  writeHalf('t1', 'q1', '0.other', 'Both')
  writeHalf('t1', 'a2', 'note', 'Not that one')
  keepOnly('t1', ['a2'])
  assert.equal(readHalf('t1', 'q1', '0.other'), undefined)
  assert.equal(readHalf('t1', 'a2', 'note'), 'Not that one')
  keepOnly('t1', [])
  assert.equal(stored.size, 0)
})

test('an emptied field leaves nothing behind', () => {
  writeHalf('t1', 'q1', '0.chosen', ['Metric'])
  writeHalf('t1', 'q1', '0.other', 'x')
  writeHalf('t1', 'q1', '0.chosen', [])
  assert.equal(readHalf('t1', 'q1', '0.chosen'), undefined)
  writeHalf('t1', 'q1', '0.other', '')
  assert.equal(stored.size, 0)
})

test('what is damaged counts as nothing', () => {
  stored.set('deskhand.cards.t1', '[1, 2]')
  assert.equal(textOf(readHalf('t1', 'q1', 'note')), '')
  stored.set('deskhand.cards.t1', '{"q1": {"note": 7, "chosen": ["a", 1]}}')
  assert.equal(textOf(readHalf('t1', 'q1', 'note')), '')
  assert.deepEqual(textsOf(readHalf('t1', 'q1', 'chosen')), ['a'])
})
