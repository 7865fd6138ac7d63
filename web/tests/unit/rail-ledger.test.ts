// The ledger by host.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LedgerLine } from '@api'
import { visited } from '../../src/features/rail/ledger'
import { words } from '../../src/features/rail/words'

function line(host: string, verdict: LedgerLine['verdict'], port = 443): LedgerLine {
  return { at: 1, host, port, verdict, rule: '', bytes_up: 10, bytes_down: 200, call: 'c1' }
}

test('one line for each host, the latest first', () => {
  const hosts = visited([line('a.example', 'allowed'), line('b.example', 'refused'), line('a.example', 'allowed', 80), line('a.example', 'refused')])
  assert.deepEqual(hosts, [
    { name: 'a.example', allowed: 2, refused: 1, open: 0, sent: 30, received: 600 },
    { name: 'b.example', allowed: 0, refused: 1, open: 0, sent: 10, received: 200 },
  ])
})

test('connections without an end are told', () => {
  const [host] = visited([{ ...line('a.example', 'allowed'), open: true, bytes_up: 0, bytes_down: 0 }, line('a.example', 'allowed')])
  assert.equal(host?.open, 1)
  assert.match(words.network.line(host), /^allowed 2 times · 1 open or cut off · .* sent, .* received$/)
})

test('bytes are told where they were counted', () => {
  const none = { bytes_up: 0, bytes_down: 0 }
  const said = (...lines: LedgerLine[]) => visited(lines).map(words.network.line)
  const open: LedgerLine = { ...line('a.example', 'allowed'), ...none, open: true }
  assert.deepEqual(said(open), ['allowed 1 time · 1 open or cut off'])
  assert.deepEqual(said({ ...line('a.example', 'refused'), ...none }), ['refused 1 time'])
  // Cut while it went on.
  assert.match(said(line('a.example', 'refused'))[0] ?? '', /^refused 1 time · .* sent, .* received$/)
  assert.match(said(open, { ...line('a.example', 'allowed'), ...none })[0] ?? '', /^allowed 2 times · 1 open or cut off · .* sent/)
})

test('another port is named, and nothing in a name can hide', () => {
  assert.deepEqual(visited([line('a.example', 'allowed', 8443), line('x\u202ey', 'refused')]).map((host) => host.name), ['x⟨U+202E⟩y', 'a.example:8443'])
})
