// The ledger by host.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LedgerLine } from '@api'
import { visited } from '../../src/features/rail/ledger'

function line(host: string, verdict: LedgerLine['verdict'], port = 443): LedgerLine {
  return { at: 1, host, port, verdict, rule: '', bytes_up: 10, bytes_down: 200, call: 'c1' }
}

test('one line for each host, the latest first', () => {
  const hosts = visited([line('a.example', 'allowed'), line('b.example', 'refused'), line('a.example', 'allowed', 80), line('a.example', 'refused')])
  assert.deepEqual(hosts, [
    { name: 'a.example', allowed: 2, refused: 1, sent: 30, received: 600 },
    { name: 'b.example', allowed: 0, refused: 1, sent: 10, received: 200 },
  ])
})

test('another port is named, and nothing in a name can hide', () => {
  assert.deepEqual(visited([line('a.example', 'allowed', 8443), line('x\u202ey', 'refused')]).map((host) => host.name), ['x⟨U+202E⟩y', 'a.example:8443'])
})
