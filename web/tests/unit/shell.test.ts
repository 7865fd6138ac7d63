// The frame without a screen: which keys mean what, which commands fit, what is worth a notification, projects as a page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CircleStop } from 'lucide-react'
import type { TaskState, TaskSummary } from '../../src/api/types'
import { news } from '../../src/app/told'
import type { PaletteCommand } from '../../src/features/palette/command'
import { grouped, matching } from '../../src/features/palette/matching'
import { projectsIn } from '../../src/features/places/grouping'
import { pressed, SHORTCUTS, written, type KeyPress } from '../../src/lib/shortcuts'

function press(key: string, held: Partial<KeyPress> = {}): KeyPress {
  return { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held }
}

test('a combination is met by its keys and by nothing more', () => {
  assert.ok(pressed('Mod+K', press('k', { ctrlKey: true }), false))
  assert.ok(pressed('Mod+K', press('k', { metaKey: true }), true))
  assert.ok(!pressed('Mod+K', press('k', { ctrlKey: true }), true))
  assert.ok(!pressed('Mod+K', press('k', { ctrlKey: true, shiftKey: true }), false))
  assert.ok(!pressed('Mod+K', press('k', { ctrlKey: true, altKey: true }), false))
  assert.ok(pressed('N', press('n'), false))
  assert.ok(!pressed('N', press('N', { shiftKey: true }), false))
  assert.ok(!pressed('N', press('n', { ctrlKey: true }), false))
  assert.ok(!pressed('N', press('n', { metaKey: true }), false))
  assert.ok(pressed('/', press('/', { shiftKey: true }), false), 'a slash may need Shift')
  assert.ok(pressed('Shift+F10', press('F10', { shiftKey: true }), false))
  assert.ok(!pressed('F2', press('F2', { shiftKey: true }), false))
  assert.ok(pressed('Mod+.', press('.', { ctrlKey: true }), false))
})

test('combinations are written as the keyboard has them', () => {
  assert.equal(written('Mod+K', true), '⌘K')
  assert.equal(written('Mod+K', false), 'Ctrl K')
  assert.equal(written('ArrowUp', false), '↑')
})

test('no combination means two things in one place', () => {
  const named = SHORTCUTS.map(({ keys, where }) => `${where}: ${keys}`)
  assert.equal(new Set(named).size, named.length)
})

const COMMANDS: PaletteCommand[] = [
  ['stop', 'This task', 'Stop'], ['new', 'Actions', 'New task'], ['light', 'Appearance', 'Light appearance'], ['dark', 'Appearance', 'Dark appearance'],
].map(([id = '', group = '', title = '']) => ({ id, group, title, icon: CircleStop, run: () => undefined }))

test('commands fit when every word begins one of theirs', () => {
  const ids = (text: string) => matching(COMMANDS, text).map((command) => command.id)
  assert.deepEqual(ids(''), ['stop', 'new', 'light', 'dark'])
  assert.deepEqual(ids('task'), ['stop', 'new'])
  assert.deepEqual(ids('app da'), ['dark'])
  assert.deepEqual(ids('ark'), [])
  assert.deepEqual(grouped(matching(COMMANDS, 'ta')).map(([group, members]) => [group, members.length]), [['This task', 1], ['Actions', 1]])
})

function task(id: string, state: TaskState, project?: string): TaskSummary {
  return {
    id, title: id, state, changed_at: 0, made_at: 0, archived: false, pinned: false, unread: false, done: 0, total: 0,
    ...(project === undefined ? {} : { project }),
  }
}

test('only a change to waiting or to an end is news', () => {
  const before = new Map<string, TaskState>([['a', 'working'], ['b', 'working'], ['c', 'needs_you'], ['d', 'working'], ['e', 'working']])
  const now = [task('a', 'needs_you'), task('b', 'done'), task('c', 'needs_you'), task('d', 'stopped'), task('e', 'failed'), task('f', 'needs_you')]
  assert.deepEqual(news(before, now).map(({ task: { id }, told }) => [id, told]), [['a', 'needs_you'], ['b', 'done'], ['e', 'failed']])
})

test('projects keep the order of their newest task', () => {
  const found = projectsIn([task('a', 'done', 'Tax'), task('b', 'done'), task('c', 'done', 'House'), task('d', 'done', 'Tax')])
  assert.deepEqual(found.map(({ name, tasks }) => [name, tasks.map(({ id }) => id)]), [['Tax', ['a', 'd']], ['House', ['c']]])
})
