// Figures as people read them: nothing is rounded to a figure that belongs to the next unit.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, duration, nextMidnight, tokens } from '@lib/format'

test('sizes', () => {
  const said = [0, 1, 999, 1000, 9949, 9960, 999_499, 999_500, 1_400_000, 2_000_000_000].map(bytes)
  assert.deepEqual(said, ['0 bytes', '1 byte', '999 bytes', '1.0 KB', '9.9 KB', '10 KB', '999 KB', '1.0 MB', '1.4 MB', '2.0 GB'])
})

test('durations', () => {
  const said = [380, 999.6, 4200, 9960, 59_400, 59_700, 119_600, 185_000, 3_599_900, 7_800_000].map(duration)
  assert.deepEqual(said, ['380 ms', '1.0 s', '4.2 s', '10 s', '59 s', '1 min', '2 min', '3 min 5 s', '1 h 0 min', '2 h 10 min'])
})

test('tokens', () => {
  const said = [950, 1000, 9949, 9960, 38_000, 999_400, 999_600, 1_200_000].map(tokens)
  assert.deepEqual(said, ['950', '1.0k', '9.9k', '10k', '38k', '999k', '1.0M', '1.2M'])
})

test('the next midnight is the coming one, late in the evening too', () => {
  const at = (hour: number, minute = 0) => new Date(2026, 2, 10, hour, minute).getTime()
  for (const now of [at(0), at(1), at(12), at(23, 59)]) assert.equal(nextMidnight(now), new Date(2026, 2, 11).getTime())
  assert.equal(nextMidnight(new Date(2026, 11, 31, 22).getTime()), new Date(2027, 0, 1).getTime())
})
