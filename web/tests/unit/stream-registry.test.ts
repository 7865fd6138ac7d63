// The stores of tasks by name: one for all who use a task, none kept that nobody used.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registry } from '@stream/registry'
import { FakeBrowser } from './stream-ports'

test('everybody who names a task gets the same store', async () => {
  const browser = new FakeBrowser()
  const storeOf = registry(browser)
  const store = storeOf('t1')
  assert.equal(storeOf('t1'), store)
  assert.notEqual(storeOf('t2'), store)
  const release = store.hold()
  await browser.pass(120_000)
  assert.equal(storeOf('t1'), store, 'a store in use stays')
  release()
  await browser.pass(29_000)
  assert.equal(storeOf('t1'), store, 'and a little longer')
  await browser.pass(2_000)
  assert.notEqual(storeOf('t1'), store)
})

test('a store that was asked for and never used is let go', async () => {
  const browser = new FakeBrowser()
  const storeOf = registry(browser)
  const store = storeOf('t1')
  await browser.pass(31_000)
  const later = storeOf('t1')
  assert.notEqual(later, store)
  later.hold()()
  await browser.pass(31_000)
  assert.equal(browser.timers, 0)
  assert.notEqual(storeOf('t1'), later)
})

test('one that is used late is known again', async () => {
  const browser = new FakeBrowser()
  const storeOf = registry(browser)
  const store = storeOf('t1')
  await browser.pass(31_000)
  const release = store.hold()
  assert.equal(storeOf('t1'), store)
  release()
})
