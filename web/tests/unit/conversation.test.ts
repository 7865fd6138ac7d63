// The words of a conversation: summaries of calls, titles of approvals, deletions, changes, answers, Find.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '@lib/decode'
import type { Call, Item } from '@stream'
import { OTHER, answerOf, isAnswered } from '../../src/features/conversation/answers'
import { doing, exactInput, groupState, isOpen, onlyAsks, subject, summary, workOf } from '../../src/features/conversation/calls'
import { deletionOf } from '../../src/features/conversation/deletion'
import { changeOf, compare } from '../../src/features/conversation/diff'
import { approvalTitle } from '../../src/features/conversation/effects'
import { beginning } from '../../src/features/conversation/beginning'
import { find } from '../../src/features/conversation/find'
import { resolvePath, spokenPath } from '../../src/features/conversation/paths'
import { beginsDay, endsTurn, firstWaiting, lastDoing } from '../../src/features/conversation/rows'

let serial = 0
function call(tool: string, input: unknown, more: Partial<Call> = {}): Call {
  serial += 1
  return { id: `c${serial}`, tool, input, effects: [], state: 'ok', output: [], live: '', ms: 5, startedAt: 1000, changes: [], moreChanges: 0, ...more }
}

const placed = { at: 0, turn: 1, version: 1 }

test('a group of calls is one line', () => {
  const reads = Array.from({ length: 25 }, (_, index) => call('Read', { path: `/work/a/${index}.txt` }))
  assert.equal(summary([...reads, call('Bash', { command: 'ls' }), call('Bash', { command: 'pwd' })]), 'Read 25 files, ran 2 commands')
  assert.equal(summary([call('Read', { path: '/work/a/b.md' }), call('Read', { path: '/work/a/b.md' })]), 'Read b.md')
  assert.equal(summary([call('Write', { path: '/outputs/x.csv' }), call('Edit', { path: 'y.md' })]), 'Wrote x.csv, edited y.md')
  assert.equal(summary([call('Bash', {}, { state: 'failed' }), call('Bash', {}, { state: 'denied' })]), 'Ran a command, 1 failed, 1 denied')
  assert.equal(summary([call('TodoWrite', {}), call('Glob', { pattern: '*' })]), 'Searched once')
  assert.equal(summary([call('TodoWrite', {})]), 'Updated the plan')
  assert.equal(summary([call('Bash', {}, { state: 'running' })]), '')
})

test('a call has a subject and says what it is doing', () => {
  assert.equal(subject(call('Bash', { command: 'echo a\necho b' })), 'echo a …')
  assert.equal(subject(call('Grep', { pattern: 'x', path: '/work' })), 'x')
  assert.equal(subject(call('Read', { file_path: '/a\u202eb' })), '/a⟨U+202E⟩b')
  assert.equal(subject(call('TodoWrite', { todos: [1, 2] })), '2 entries')
  assert.equal(subject(call('Odd', 'not json')), 'not json')
  assert.equal(doing(call('Read', { path: '/work/report.md' })), 'Reading report.md')
  assert.equal(doing(call('Bash', { command: 'ls -l' })), 'Running ls -l')
})

test('the exact input is a command with its settings, or the whole JSON', () => {
  assert.equal(exactInput('Bash', { command: 'rm x', timeout_seconds: 5 }), 'rm x\ntimeout_seconds: 5')
  assert.equal(exactInput('Write', { path: 'a' }), '{\n  "path": "a"\n}')
  assert.equal(exactInput('Write', '{broken'), '{broken')
})

test('a group tells its gravest state and its whole time', () => {
  const calls = [call('Read', {}, { startedAt: 1000, ms: 500 }), call('Read', {}, { startedAt: 1200, ms: 900 })]
  assert.equal(workOf(calls, 9000), 1100)
  assert.equal(workOf([...calls, call('Bash', {}, { state: 'running', startedAt: 8000, ms: undefined })], 9000), 2100)
  assert.equal(onlyAsks([call('AskUserQuestion', {}, { state: 'waiting' })]), true)
  assert.equal(onlyAsks([call('AskUserQuestion', {}), call('Read', {})]), false)
  assert.equal(groupState(calls), 'ok')
  assert.equal(groupState([...calls, call('Bash', {}, { state: 'failed' })]), 'failed')
  assert.equal(groupState([call('Bash', {}, { state: 'failed' }), call('Bash', {}, { state: 'running' })]), 'running')
  assert.equal(isOpen(calls), false)
})

test('an approval asks a plain question', () => {
  const asks = (tool: string, input: Record<string, unknown>, effects: Parameters<typeof approvalTitle>[0]['effects'], files?: number) => {
    const approval = decode<Parameters<typeof approvalTitle>[0] & Parameters<typeof deletionOf>[0]>(JSON.stringify({ tool, input, effects, files }))
    return approvalTitle(approval, deletionOf(approval))
  }
  const run = { type: 'run', data: 'x' } as const
  const deletes = { type: 'delete_path', data: '/work/Reports' } as const
  assert.equal(asks('Bash', { command: 'rm -r Reports' }, [deletes], 12), 'Delete 12 files in Reports?')
  assert.equal(asks('Bash', { command: 'rm a.txt' }, [{ type: 'delete_path', data: '/work/a.txt' }], 1), 'Delete a.txt?')
  assert.equal(asks('Bash', { command: 'rm -r .' }, [deletes, { type: 'delete_path', data: '/work/B' }], 7), 'Delete 7 files?')
  assert.equal(asks('Bash', { command: 'ls' }, [run]), 'Run a command?')
  assert.equal(asks('Write', {}, [{ type: 'write_path', data: '/work/Reports/report.md' }]), 'Change report.md?')
  assert.equal(asks('RequestFolder', {}, [{ type: 'read_path', data: '/home/a/Photos' }]), 'Let this task read the folder Photos?')
  assert.equal(asks('Fetch', {}, [run, { type: 'connect', data: 'a.example' }]), 'Connect to a.example?')
})

test('a change is lines with signs', () => {
  const change = compare('a\nb\nc', 'a\nB\nc')
  assert.deepEqual(change.hunks, [[
    { sign: ' ', text: 'a' }, { sign: '-', text: 'b' }, { sign: '+', text: 'B' }, { sign: ' ', text: 'c' },
  ]])
  assert.deepEqual([change.added, change.removed], [1, 1])
  assert.equal(changeOf(call('Write', { path: 'x', content: 'a\n\nb\n' }))?.added, 3)
  assert.equal(changeOf(call('Write', { path: 'x', content: '' }))?.added, 0)
  assert.equal(changeOf(call('Edit', { old_string: 'same', new_string: 'same' }))?.hunks.length, 0)
  assert.equal(changeOf(call('Bash', { command: 'x' })), undefined)
})

test('an answer is what was chosen and the own words', () => {
  const one = { header: '', text: '?', several: false, choices: [{ label: 'A', description: '' }, { label: 'B', description: '' }] }
  assert.equal(isAnswered(one, { chosen: [], other: 'x' }), false)
  assert.deepEqual(answerOf(one, { chosen: ['B'], other: 'left over' }), { chosen: ['B'], other: null })
  assert.equal(isAnswered(one, { chosen: [OTHER], other: ' ' }), false)
  assert.deepEqual(answerOf(one, { chosen: [OTHER], other: ' mine ' }), { chosen: [], other: 'mine' })
  assert.deepEqual(answerOf({ ...one, several: true }, { chosen: ['B', OTHER, 'A'], other: 'C' }), { chosen: ['A', 'B'], other: 'C' })
  assert.equal(isAnswered({ ...one, choices: [] }, { chosen: [], other: 'free' }), true)
})

test('Find looks into everything, also into inputs and outputs', () => {
  const found = call('Bash', { command: 'grep Needle x' }, { output: [{ type: 'text', data: 'needle one needle two' }] })
  const items: Item[] = [
    { ...placed, key: 'p', kind: 'prompt', text: 'no', attachments: [{ name: 'needle.pdf', bytes: 1 }], waiting: false },
    { ...placed, key: 'c', kind: 'calls', calls: [call('Read', { path: 'a' }), found] },
    { ...placed, key: 't', kind: 'text', text: 'NEEDLE (x)', thinking: '', streaming: false, answer: true },
  ]
  assert.deepEqual(find(items, 'needle'), [
    { index: 0, key: 'p', call: undefined, nth: 0 },
    { index: 1, key: 'c', call: found.id, nth: 0 },
    { index: 1, key: 'c', call: found.id, nth: 1 },
    { index: 1, key: 'c', call: found.id, nth: 2 },
    { index: 2, key: 't', call: undefined, nth: 0 },
  ])
  assert.equal(find(items, ' (X) ').length, 1)
  assert.deepEqual(find(items, '  '), [])
})

test('rows know their day, the end of their turn and what came last', () => {
  const at = (day: number) => new Date(2026, 5, day, 12).getTime()
  const item = (key: string, day: number, turn: number): Item => ({ ...placed, at: at(day), turn, key, kind: 'notice', notice: { what: 'stopped' } })
  const items: Item[] = [item('a', 1, 1), item('b', 2, 1), item('c', 2, 2), { ...placed, key: 'd', turn: 2, kind: 'notice', notice: { what: 'mode', about: 'ask' } }]
  assert.deepEqual([0, 1, 2].map((index) => beginsDay(items, index, at(1))), [false, true, false])
  assert.equal(beginsDay(items, 0, at(3)), true)
  assert.deepEqual([0, 1, 2, 3].map((index) => endsTurn(items, index)), [false, true, false, true])
  assert.equal(lastDoing(items), 2)
})

test('the first card that waits is found, answered ones and those of no more use are not', () => {
  const asks = (key: string, more: Partial<Extract<Item, { kind: 'question' }>>): Item => ({
    ...placed, key, kind: 'question', question: key, questions: [], answers: undefined, moot: false, ...more,
  })
  const said: Item = { ...placed, key: 's', kind: 'notice', notice: { what: 'stopped' } }
  const done = [said, asks('a', { answers: [] }), asks('b', { moot: true })]
  assert.equal(firstWaiting(done), -1)
  assert.equal(firstWaiting([...done, asks('c', {}), asks('d', {})]), 3)
  const approval = decode<Extract<Item, { kind: 'approval' }>['approval']>('{"id": "a1", "tool": "Bash", "input": {}, "effects": []}')
  assert.equal(firstWaiting([said, { ...placed, key: 'e', kind: 'approval', approval, answer: undefined, moot: false }]), 1)
  assert.equal(firstWaiting([{ ...placed, key: 'e', kind: 'approval', approval, answer: { type: 'deny', data: { note: null } }, moot: false }]), -1)
})

test('paths are meant from where the task starts', () => {
  assert.equal(resolvePath('chart.svg', '/work/Reports'), '/work/Reports/chart.svg')
  assert.equal(resolvePath('../x/./y.md#part', '/work/Reports'), '/work/x/y.md')
  assert.equal(resolvePath('/outputs/a.md', '/work/Reports'), '/outputs/a.md')
  assert.equal(spokenPath('/work/Reports/a.md'), 'Reports/a.md')
})

test('long text begins with its first lines', () => {
  assert.equal(beginning('a\nb'), 'a\nb')
  assert.equal(beginning(Array.from({ length: 260 }, (_, line) => `line ${line}`).join('\n')).split('\n').length, 100)
  assert.equal(beginning('x'.repeat(9000)).length, 8000)
})
