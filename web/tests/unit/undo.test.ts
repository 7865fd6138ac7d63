// What an Undo would do, in groups and scopes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UndoPlanStep } from '@api'
import { changing, groupsOf, kindOf, narrowed, scopeOf, scopesOf } from '@features/undo/plan'
import { changedSince } from '@features/undo/use-undo'

const STEPS: readonly UndoPlanStep[] = [
  { path: '/work/R/new.md', kind: 'remove', action: 'remove the file the task made' },
  { path: '/work/R/mine.md', kind: 'leave', action: 'leave it alone', conflict: 'changed since by you' },
  { path: '/work/R/a.csv', kind: 'restore', bytes: 1200, action: 'put back the old content' },
  { path: '/work/R/made', kind: 'remove_folder', action: 'remove the directory the task made, if it is empty' },
  { path: '/work/R/gone', kind: 'make_folder', action: 'put back the directory' },
  { path: '/work/R/b.csv', kind: 'restore', bytes: 7, action: 'put back the old content', conflict: null },
]

test('steps are grouped by what happens, conflicts apart and last', () => {
  const groups = groupsOf(STEPS).map(({ kind, steps }) => [kind, steps.map((step) => step.path.slice('/work/R/'.length))])
  assert.deepEqual(groups, [
    ['restored', ['a.csv', 'b.csv']],
    ['removed', ['new.md']],
    ['folders', ['made', 'gone']],
    ['left', ['mine.md']],
  ])
})

test('conflicts change nothing', () => {
  assert.equal(changing(STEPS), 5)
  assert.equal(changing([{ path: '/a', kind: 'leave', action: 'leave it alone', conflict: 'deleted since by you' }]), 0)
  assert.equal(kindOf({ path: '/a', kind: 'restore', action: 'put back the old content', conflict: 'changed since by you' }), 'left')
  assert.deepEqual(groupsOf([]), [])
})

test('the scopes follow from where the Undo was asked for', () => {
  assert.deepEqual(scopesOf({ path: '/work/a' }, 3), ['file', 'turn', 'task'])
  assert.deepEqual(scopesOf({ path: '/work/a' }, undefined), ['file', 'task'])
  assert.deepEqual(scopesOf({ turn: 2 }, 3), ['turn', 'task'])
  assert.deepEqual(scopesOf({}, undefined), ['task'])
  assert.deepEqual(scopesOf({ redo: true }, 3), [])
  assert.equal(scopeOf({ redo: true }), undefined)
  assert.equal(scopeOf({ turn: 2 }), 'turn')
  assert.equal(scopeOf({ path: '/work/a', turn: 2 }), 'file')
  assert.equal(scopeOf({ path: null, turn: null }), 'task')
})

test('a scope becomes a selection', () => {
  assert.deepEqual(narrowed({ path: '/work/a' }, 'file', 3), { path: '/work/a' })
  assert.deepEqual(narrowed({ path: '/work/a' }, 'turn', 3), { turn: 3 })
  assert.deepEqual(narrowed({ turn: 2 }, 'turn', 3), { turn: 2 })
  assert.deepEqual(narrowed({ turn: 2 }, 'task', 3), {})
})

test('what an Undo changed is what was not there before, or is another change now', () => {
  const first = { path: '/a', kind: 'made' } as const
  const second = { path: '/b', kind: 'changed' } as const
  assert.equal(changedSince([first, second], [first, second]), 0)
  assert.equal(changedSince([first, second], [first, { path: '/b', kind: 'changed' }]), 1)
  assert.equal(changedSince([], [first, second]), 2)
})
