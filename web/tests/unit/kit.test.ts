// The kit without a screen: where the focus goes back to, how the server's sentences are shown.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { giveFocusBack } from '../../src/kit/focus-return'
import { ErrorNote } from '../../src/kit/note'
import { Told, untick } from '../../src/kit/told'

/** A page in which something may have the focus. */
const page = { body: 'body', activeElement: 'body', hasMain: true }

/** An element that takes the focus while it is on the page. */
function element(name: string, isConnected = true) {
  return {
    isConnected,
    focus: () => {
      page.activeElement = name
    },
  }
}

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] })
  page.activeElement = 'body'
  page.hasMain = true
  const document = {
    get body() {
      return page.body
    },
    get activeElement() {
      return page.activeElement
    },
    querySelector: (what: string) => (page.hasMain && what.startsWith('main') ? element('main') : null),
  }
  Object.defineProperty(globalThis, 'document', { value: document, configurable: true })
})

afterEach(() => {
  mock.timers.reset()
  Reflect.deleteProperty(globalThis, 'document')
})

test('the focus goes back to what opened a dialog', () => {
  giveFocusBack(element('opener'))
  mock.timers.tick(1000)
  assert.equal(page.activeElement, 'opener')
})

test('where the opener is gone, or none is known, the main part of the page has the focus', () => {
  giveFocusBack(element('opener', false))
  assert.equal(page.activeElement, 'main')
  page.activeElement = 'body'
  giveFocusBack(undefined)
  assert.equal(page.activeElement, 'main')
})

test('an opener that goes a moment later leaves the focus to the main part', () => {
  giveFocusBack(element('opener'))
  page.activeElement = 'body'
  mock.timers.tick(1000)
  assert.equal(page.activeElement, 'main')
})

test('a focus that is somewhere stays there, and a page without a main part is left alone', () => {
  page.activeElement = 'field'
  giveFocusBack(undefined)
  mock.timers.tick(1000)
  assert.equal(page.activeElement, 'field')
  page.activeElement = 'body'
  page.hasMain = false
  giveFocusBack(undefined)
  assert.equal(page.activeElement, 'body')
})

test('values of the server are code, never backticks', () => {
  const told = (text: string) => renderToStaticMarkup(createElement(Told, { text })).replace(/<code[^>]*>/g, '<code>')
  assert.equal(told('cannot read `/a b`'), 'Cannot read <code>/a b</code>')
  assert.equal(told('`ls` failed'), '<code>ls</code> failed')
  assert.equal(told('one `and <b>'), 'One <code>and &lt;b&gt;</code>')
  assert.equal(untick('cannot read `/a`'), 'cannot read /a')
  const note = renderToStaticMarkup(createElement(ErrorNote, { message: 'no folder `x`', hint: 'look at `y`' }))
  assert.ok(!note.includes('`'), note)
})
