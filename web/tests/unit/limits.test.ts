// Limits as people type them, for all three places where they do.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitFields, limitText, readLimit, readLimits } from '@lib/limits'

test('limits are read as people write figures', () => {
  const table: readonly (readonly [string, number | null])[] = [
    ['', null], ['  ', null], ['30', 30], ['200k', 200_000], ['1.5M', 1_500_000], ['2 m', 2_000_000], ['1 000 000', 1_000_000],
    ['12,000', 12_000], ['1.500', 1500], ["1'000", 1000], ['1,000 000', 1_000_000],
  ]
  for (const [text, value] of table) assert.deepEqual(readLimit('tokens', text), { value, wrong: undefined }, text)
})

test('what is no whole number says what to do', () => {
  for (const text of ['-3', 'many', '1.5', '1,5', '12 minutes', '1e3', '1.5x']) assert.match(readLimit('tokens', text).wrong ?? '', /whole number/, text)
  for (const text of ['0', '0k', '0.0001k']) assert.match(readLimit('steps', text).wrong ?? '', /At least 1/, text)
  for (const text of ['4294967296', '99999M']) assert.match(readLimit('minutes', text).wrong ?? '', /too large/, text)
  assert.equal(readLimit('tokens', '99999M').value, 99_999_000_000)
})

test('limits go into fields and back', () => {
  const limits = { steps: 30, tokens: null, minutes: 10 }
  assert.deepEqual(readLimits(limitFields(limits)), limits)
  assert.equal(readLimits({ steps: 'x', tokens: '', minutes: '' }), undefined)
  assert.deepEqual([limitText(null), limitText(undefined), limitText(40)], ['', '', '40'])
})
