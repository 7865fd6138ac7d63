// The slash menu's rules and the composer's keys.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moved, sends } from '@features/composer/keys'
import type { Pressed } from '@features/composer/keys'
import { fitting, slashAt, without } from '@features/composer/slash'

const command = (name: string, says = '') => ({ name, says, run: () => undefined })
const names = (query: string) =>
  fitting(
    [command('attach', 'Attach files'), command('mode ask'), command('mode auto'), command('model', 'Choose the model'), command('limits', 'Say where it stops')],
    query,
  ).map((it) => it.name)

test('a slash is a command at the start, after a space and after a new line', () => {
  assert.deepEqual(slashAt('/', 1), { start: 0, end: 1, query: '' })
  assert.deepEqual(slashAt('/mo', 3), { start: 0, end: 3, query: 'mo' })
  assert.deepEqual(slashAt('read it /At', 11), { start: 8, end: 11, query: 'at' })
  assert.deepEqual(slashAt('first\n/lim', 10), { start: 6, end: 10, query: 'lim' })
  assert.deepEqual(slashAt('/mode as', 8), { start: 0, end: 8, query: 'mode as' })
})

test('a slash within words, paths and dates is only a slash', () => {
  for (const text of ['and/or', 'see /home/anna', 'http://a', '12/2026', '/work-2', '/one two three', 'no slash']) {
    assert.equal(slashAt(text, text.length), undefined, text)
  }
})

test('only what stands before the caret counts', () => {
  assert.equal(slashAt('/mode', 0), undefined)
  assert.deepEqual(slashAt('/mode', 3), { start: 0, end: 3, query: 'mo' })
  assert.equal(slashAt('/at later', 9)?.query, 'at later')
})

test('commands fit by their beginning first, then by a later word', () => {
  assert.deepEqual(names(''), ['attach', 'mode ask', 'mode auto', 'model', 'limits'])
  assert.deepEqual(names('mode'), ['mode ask', 'mode auto', 'model'])
  assert.deepEqual(names('mode a'), ['mode ask', 'mode auto'])
  assert.deepEqual(names('a'), ['attach', 'mode ask', 'mode auto'])
  assert.deepEqual(names('stops'), ['limits'])
  assert.deepEqual(names('files x'), [])
})

test('a chosen command leaves the text around it', () => {
  const left = (text: string, caret: number) => {
    const slash = slashAt(text, caret)
    assert.ok(slash)
    return without(text, slash)
  }
  assert.deepEqual(left('/attach', 7), { text: '', caret: 0 })
  assert.deepEqual(left('Sum it up /at', 13), { text: 'Sum it up ', caret: 10 })
  assert.deepEqual(left('Sum /at it up', 7), { text: 'Sum it up', caret: 4 })
  assert.deepEqual(left('/mo\nthe rest', 3), { text: '\nthe rest', caret: 0 })
})

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({
  key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, composing: false, ...more,
})

test('Enter sends a message and starts a line in a job; with Control or Command it sends both', () => {
  assert.equal(sends(press('Enter'), 'enter'), true)
  assert.equal(sends(press('Enter'), 'modifier'), false)
  assert.equal(sends(press('Enter', { shiftKey: true }), 'enter'), false)
  for (const sending of ['enter', 'modifier'] as const) {
    assert.equal(sends(press('Enter', { ctrlKey: true }), sending), true)
    assert.equal(sends(press('Enter', { metaKey: true }), sending), true)
    assert.equal(sends(press('Enter', { ctrlKey: true, shiftKey: true }), sending), false, 'that answers an approval')
    assert.equal(sends(press('Enter', { composing: true }), sending), false)
    assert.equal(sends(press('Enter', { composing: true, ctrlKey: true }), sending), false)
    assert.equal(sends(press('a', { ctrlKey: true }), sending), false)
  }
})

test('up and down go around, page keys stop at the ends', () => {
  assert.equal(moved('ArrowDown', -1, 3), 0)
  assert.equal(moved('ArrowDown', 2, 3), 0)
  assert.equal(moved('ArrowUp', 0, 3), 2)
  assert.equal(moved('ArrowUp', -1, 3), 2)
  assert.equal(moved('PageDown', 1, 20), 9)
  assert.equal(moved('PageDown', 17, 20), 19)
  assert.equal(moved('PageUp', 3, 20), 0)
  assert.equal(moved('ArrowDown', 0, 0), undefined)
  assert.equal(moved('Enter', 0, 3), undefined)
})
