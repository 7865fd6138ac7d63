// Text made safe to look at: the same cases as the daemon's own table.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { segments, visible, withoutColours } from '@lib/visible'

test('nothing hides', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['rm -rf x', 'rm -rf x'],
    ['Grüße, 日本 👋', 'Grüße, 日本 👋'],
    ['a\nb\tc', 'a␊b␉c'],
    ['a\rb', 'a␍b'],
    ['\u001b[2Jx', '␛[2Jx'],
    ['abc\u202etxt.exe', 'abc⟨U+202E⟩txt.exe'],
    ['zero\u200bwidth', 'zero⟨U+200B⟩width'],
    ['tag\u{e0041}', 'tag⟨U+E0041⟩'],
    ['\u007f\u009b', '␡⟨U+009B⟩'],
    ['sep\u2028x', 'sep⟨U+2028⟩x'],
    ['half\ud800', 'half⟨U+D800⟩'],
    ['nul\0', 'nul␀'],
  ]
  for (const [text, shown] of cases) assert.equal(visible(text, 'escape'), shown)
})

test('line breaks and tabs stay where asked', () => {
  assert.equal(visible('a\n\tb\u0007', 'keep'), 'a\n\tb␇')
})

test('hidden characters are runs of their own', () => {
  assert.deepEqual(segments('ab\u202e\u200bcd', 'keep'), [
    { text: 'ab', hidden: false },
    { text: '⟨U+202E⟩⟨U+200B⟩', hidden: true },
    { text: 'cd', hidden: false },
  ])
})

test('colours of a terminal go, other controls stay', () => {
  assert.equal(withoutColours('\u001b[1;32mok\u001b[0m \u001b[2J'), 'ok \u001b[2J')
})
