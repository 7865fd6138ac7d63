// The list of tasks without a screen: rows by day, moving through them, projects, the line about the sandbox.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Check, TaskSummary } from '../../src/api/types'
import { patched, takenBack } from '../../src/features/sidebar/patch'
import { moved, projectsOf, rowOf, rowsOf, stepped } from '../../src/features/sidebar/rows'
import { sandboxLine } from '../../src/features/sidebar/sandbox-line'
import { day } from '../../src/lib/format'

const NOW = new Date(2026, 10, 23, 10, 30).getTime()
const HOUR = 3_600_000

function task(id: string, hoursAgo: number, change: Partial<TaskSummary> = {}): TaskSummary {
  return {
    id, title: id, state: 'done', changed_at: NOW - hoursAgo * HOUR, made_at: 0, archived: false, pinned: false, unread: false,
    done: 0, total: 0, ...change,
  }
}

/** Headings as `# title`, tasks by id. */
function told(rows: ReturnType<typeof rowsOf>): string[] {
  return rows.map((row) => (row.kind === 'heading' ? `# ${row.title}` : row.task.id))
}

test('tasks stand under the day of their last change, newest first', () => {
  const old = task('old', 24 * 30)
  const current = [task('b', 11), task('a', 1), task('c', 34), task('d', 24 * 3), task('e', 24 * 3 + 1), old]
  assert.deepEqual(told(rowsOf([], current, NOW)), [
    '# Today', 'a', '# Yesterday', 'b', 'c', `# ${day(NOW - 72 * HOUR, NOW)}`, 'd', 'e', `# ${day(old.changed_at, NOW)}`, 'old',
  ])
})

test('a pinned task stands under Pinned only, an archived one nowhere, and the current list has the last word', () => {
  const stale = [task('a', 1, { pinned: true }), task('p', 400, { pinned: true })]
  const current = [task('a', 1, { pinned: false }), task('x', 2, { archived: true }), task('q', 3, { pinned: true })]
  assert.deepEqual(told(rowsOf(stale, current, NOW)), ['# Pinned', 'q', 'p', '# Today', 'a'])
  assert.deepEqual(rowsOf([], [], NOW), [])
})

test('every row has a key of its own', () => {
  const tasks = Array.from({ length: 400 }, (_, at) => task(`t${at}`, at * 5, { pinned: at % 50 === 0 }))
  const keys = rowsOf(tasks, tasks, NOW).map((row) => row.key)
  assert.equal(new Set(keys).size, keys.length)
})

test('arrows pass over headings and stay within the list', () => {
  const rows = rowsOf([task('p', 9, { pinned: true })], [task('a', 1), task('b', 2), task('c', 30)], NOW)
  assert.deepEqual(told(rows), ['# Pinned', 'p', '# Today', 'a', 'b', '# Yesterday', 'c'])
  assert.equal(moved(rows, 1, 'ArrowDown'), 3)
  assert.equal(moved(rows, 3, 'ArrowUp'), 1)
  assert.equal(moved(rows, 1, 'ArrowUp'), 1)
  assert.equal(moved(rows, 6, 'ArrowDown'), 6)
  assert.equal(moved(rows, 4, 'Home'), 1)
  assert.equal(moved(rows, 1, 'End'), 6)
  assert.equal(moved(rows, 1, 'x'), undefined)
  assert.equal(stepped([], 0, 1), 0)
  assert.equal(rowOf(rows, 'c'), 6)
  assert.equal(rowOf(rows, 'pinned'), -1)
  assert.equal(rowOf(rows, undefined), -1)
})

test('projects are named once, in order', () => {
  const tasks = [task('a', 1, { project: 'Tax' }), task('b', 2, { project: 'House' }), task('c', 3, { project: 'Tax' }), task('d', 4, { project: null }), task('e', 5, { project: '' })]
  assert.deepEqual(projectsOf(tasks), ['House', 'Tax'])
})

test('the foot says what the doctor found about the sandbox, never more', () => {
  const check = (name: string, ok: boolean): Check => ({ name, ok, detail: '' })
  assert.deepEqual(sandboxLine([check('home', true), check('sandbox (vm)', true)]), { text: 'Sandbox ready: VM', ready: true })
  assert.deepEqual(sandboxLine([check('stronger sandbox (vm)', true), check('sandbox (namespace)', true)]), { text: 'Sandbox ready: namespace', ready: true })
  assert.deepEqual(sandboxLine([check('sandbox (namespace)', true)]), { text: 'Sandbox ready: namespace', ready: true })
  assert.deepEqual(sandboxLine([check('sandbox (vm)', false)]), { text: 'Sandbox: not ready', ready: false })
  assert.deepEqual(sandboxLine([check('home', true)]), { text: 'Sandbox: not known', ready: undefined })
  assert.deepEqual(sandboxLine(undefined), { text: 'Sandbox: not known', ready: undefined })
})

test('a change that was refused is taken back alone; what came meanwhile stays', () => {
  const before = task('a', 1, { title: 'Old', pinned: false, state: 'working' })
  const shown = { pinned: true }
  const now = { ...before, ...shown, state: 'done' as const, title: 'New' }
  assert.deepEqual(takenBack(now, before, shown), { ...now, pinned: false })
  assert.deepEqual(takenBack({ ...now, title: 'Newest' }, before, { title: 'New' }).title, 'Newest', 'changed again since')
  const moved = { ...before, project: 'Tax' }
  assert.equal(takenBack(moved, before, { project: 'Tax' }).project, before.project ?? null)
})

test('one task is changed wherever it stands, pages without it stay as they are', () => {
  const pages = [[task('a', 1)], [task('b', 2)]]
  const data = { pages, pageParams: [0, 1] }
  const next = patched(data, 'b', (it) => ({ ...it, unread: true }))
  assert.equal(next?.pages[0], pages[0])
  assert.equal(next?.pages[1]?.[0]?.unread, true)
  assert.equal(patched(undefined, 'b', (it) => it), undefined)
})
