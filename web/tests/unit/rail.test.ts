// The rail's own reckoning: what a task cost, what was allowed, where it stops.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { costOf, money } from '@features/rail/cost'
import { iconKind, parts } from '@features/rail/file-names'
import { tokensUsed, worked } from '@features/rail/usage-figures'
import { sentence } from '@features/rail/permissions'

const PRICES = [{ model: 'house/large', currency: 'USD', input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 }]

test('the cost counts every kind of token at its price per million', () => {
  const usage = { input: 1_000_000, output: 200_000, cache_read: 10_000_000, cache_write: 400_000 }
  assert.deepEqual(costOf(usage, 'house/large', PRICES), { amount: 3 + 3 + 3 + 1.5, currency: 'USD' })
  assert.deepEqual(costOf({ input: 0, output: 100_000 }, 'house/large', PRICES), { amount: 1.5, currency: 'USD' })
})

test('a model without a price has no cost', () => {
  assert.equal(costOf({ input: 5, output: 5 }, 'house/small', PRICES), undefined)
})

test('money is said in its currency, and never rounded down to nothing', () => {
  assert.equal(money({ amount: 0.214, currency: 'USD' }, 'en'), '$0.21')
  assert.equal(money({ amount: 12, currency: 'EUR' }, 'en'), '€12.00')
  assert.equal(money({ amount: 0.002, currency: 'USD' }, 'en'), 'less than $0.01')
  assert.equal(money({ amount: 0, currency: 'USD' }, 'en'), '$0.00')
  assert.equal(money({ amount: 2, currency: 'coins' }, 'en'), '2.00 coins')
})

test('permissions are sentences', () => {
  const table = [
    [{ type: 'write_path', data: '/work/Reports' }, 'folder', 'Change files in Reports, in this folder, later tasks too'],
    [{ type: 'write_path', data: '/work/Reports/q3/a.csv' }, 'task', 'Change Reports/q3/a.csv, in this task'],
    [{ type: 'write_path', data: '/work' }, 'task', 'Change files in every folder, in this task'],
    [{ type: 'read_path', data: '/outputs' }, 'task', 'Read produced files, in this task'],
    [{ type: 'delete_path', data: '' }, 'once', 'Delete any file of this task, once'],
    [{ type: 'run', data: '' }, 'task', 'Run any command in the sandbox, in this task'],
    [{ type: 'run', data: 'pytest -q' }, 'task', 'Run “pytest -q” in the sandbox, in this task'],
    [{ type: 'connect', data: 'example.com' }, 'always', 'Reach example.com, always'],
    [{ type: 'send', data: { connector: 'Mail', tool: 'send' } }, 'task', 'Use send of Mail, in this task'],
    [{ type: 'send', data: { connector: 'Mail', tool: '' } }, 'task', 'Use everything of Mail, in this task'],
    [{ type: 'send', data: { connector: '', tool: '' } }, 'task', 'Use any connector, in this task'],
    [{ type: 'browse', data: '' }, 'task', 'Act on any web site, in this task'],
    [{ type: 'control', data: 'Files' }, 'task', 'Control Files, in this task'],
    [{ type: 'schedule', data: '' }, 'task', 'Make or change any schedule, in this task'],
    [{ type: 'remember', data: 'style' }, 'task', 'Write to the memory “style”, in this task'],
  ] as const
  for (const [allows, scope, said] of table) assert.equal(sentence({ id: 'g1', allows, scope }), said)
})

test('every token counts towards the limit', () => {
  assert.equal(tokensUsed({ input: 1, output: 2, cache_read: 4, cache_write: 8 }), 15)
})

test('the time of an open turn counts until now', () => {
  assert.equal(worked([{ startedAt: 100, endedAt: 400 }, { startedAt: 1000, endedAt: undefined }], 1500), 800)
  assert.equal(worked([{ startedAt: 100, endedAt: undefined }], 50), 0)
})

test('file names are short and tell what a file is', () => {
  assert.deepEqual(parts('/work/Reports/2026/a.csv'), { folders: 'Reports/2026/', name: 'a.csv' })
  assert.deepEqual(parts('/outputs/report.md'), { folders: '', name: 'report.md' })
  const table = [['a.PDF', 'text'], ['a.xlsx', 'table'], ['a.jpeg', 'picture'], ['a.rs', 'code'], ['a.mp4', 'sound'], ['a.tar.gz', 'packed'], ['a', 'other']] as const
  for (const [name, kind] of table) assert.equal(iconKind(name), kind, name)
})
