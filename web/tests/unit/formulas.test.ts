// How formulas are written by models, and what is money.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasFormula, withFormulas } from '../../src/kit/markdown/formulas'
import { isPlain } from '../../src/kit/markdown/plain'

test('every way to write a formula becomes the one the parser takes', () => {
  const table = [
    ['the total $r = \\sum_i d_i$ is', 'the total $$r = \\sum_i d_i$$ is'],
    ['a variable $x$ and \\(y_1\\)', 'a variable $$x$$ and $$y_1$$'],
    ['so \\[ a^2 + b^2 \\] holds', 'so \n\n$$\na^2 + b^2\n$$\n\n holds'],
    ['$$\na = b\n$$', '$$\na = b\n$$'],
  ]
  for (const [written, wanted] of table) {
    assert.equal(withFormulas(written ?? ''), wanted)
    assert.equal(hasFormula(wanted ?? ''), true)
    assert.equal(isPlain(written ?? ''), false)
  }
})

test('money, shell variables and code are left alone', () => {
  for (const text of [
    'It costs $5 and later $7.', 'between $1,200 and $1,300', 'from $ 3 to $ 4', 'run `echo $a_b$c_d` now',
    '```sh\nx=$A_1; y=$B_2$\n```', 'prices: $3_$4', 'no dollars at all',
  ]) {
    assert.equal(withFormulas(text), text)
  }
})
