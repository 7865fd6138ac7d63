// What a Markdown text may name and what becomes of it: addresses, pictures, unknown elements.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Root } from 'hast'
import { isOwnPicture, lies, namedHost, readAddress } from '../../src/kit/markdown/address'
import { isPlain, paragraphs } from '../../src/kit/markdown/plain'
import { seal } from '../../src/kit/markdown/seal'

test('addresses of the web, of mail and of the task', () => {
  assert.deepEqual(readAddress('https://user@evil.example/a?b#c'), {
    kind: 'web', url: 'https://user@evil.example/a?b#c', host: 'evil.example', named: true,
  })
  assert.deepEqual(readAddress('http://bücher.example:81/'), {
    kind: 'web', url: 'http://xn--bcher-kva.example:81/', host: 'xn--bcher-kva.example:81', named: false,
  })
  assert.deepEqual(readAddress('//evil.example/x.png'), {
    kind: 'web', url: 'https://evil.example/x.png', host: 'evil.example', named: false,
  })
  assert.deepEqual(readAddress('\\\\evil.example\\x'), {
    kind: 'web', url: 'https://evil.example/x', host: 'evil.example', named: false,
  })
  assert.deepEqual(readAddress('mailto:a@b.example?subject=x'), { kind: 'mail', url: 'mailto:a@b.example?subject=x', host: 'a@b.example' })
  assert.deepEqual(readAddress('/outputs/my%20report.md'), { kind: 'path', path: '/outputs/my report.md' })
})

test('nothing else is an address', () => {
  const refused = [
    'javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:https://a/b',
    'tel:+1', 'ftp://a.example/', 'streamdown:incomplete-link', '#place', '', 'https://', 'view-source:https://a.example/',
  ]
  for (const text of refused) assert.equal(readAddress(text), undefined, text)
})

test('a link that names another host lies', () => {
  assert.equal(lies('https://bank.example/login', 'evil.example'), true)
  assert.equal(lies('www.bank.example', 'bank.example'), false)
  assert.equal(lies('bank.example', 'bank.example.evil.example'), true)
  assert.equal(lies('read more', 'evil.example'), false)
  assert.equal(lies('bank.example:8443/x', 'bank.example:9'), false)
  assert.equal(lies('me@bank.example', 'me@bank.example'), false)
  assert.equal(namedHost('BÜCHER.example'), 'xn--bcher-kva.example')
})

test('only small pictures of harmless kinds stand for themselves', () => {
  assert.equal(isOwnPicture('data:image/png;base64,iVBORw0KGgo='), true)
  assert.equal(isOwnPicture('data:image/svg+xml;base64,PHN2Zz4='), false)
  assert.equal(isOwnPicture('data:image/png,<svg onload=x>'), false)
  assert.equal(isOwnPicture('https://evil.example/x.png'), false)
  assert.equal(isOwnPicture(`data:image/png;base64,${'A'.repeat(1_400_000)}`), false)
})

test('plain text is told from Markdown', () => {
  for (const text of ['All 25 receipts are readable; three are photos.', 'One.\n\nTwo (really), 3 - 4.', "It's AT&T."]) {
    assert.equal(isPlain(text), true, text)
  }
  const rich = [
    '**bold**', '- item', '1. item', '# title', 'see https://a.example', 'a@b.example', '`code`', '    code', 'x\n---', 'a | b',
    '&lt;', '<b>', '$$x$$', 'a\\b', 'x\n===', '![x](y)',
  ]
  for (const text of rich) assert.equal(isPlain(text), false, text)
  assert.deepEqual(paragraphs('One\nstill one.\n\n  \nTwo.'), ['One\nstill one.', 'Two.'])
})

test('a text that streams in is judged as if it had come at once', () => {
  const texts = ['First line.\n1.\n\nThen #no heading and a - dash.\n#Tag\n', 'One\n--\nTwo $5 and\n6$ and $x$', 'A\n   - item\n', '    code', 'Fine & done; a@b']
  for (const text of texts) {
    const pieces = Array.from(text, (_, at) => text.slice(0, at + 1))
    const grown = pieces.map((piece) => isPlain(piece))
    const whole = pieces.map((piece) => isPlain('nothing of it') && isPlain(piece))
    assert.deepEqual(grown, whole, text)
  }
})

test('unknown elements and attributes do not pass', () => {
  const tree: Root = {
    type: 'root',
    children: [
      { type: 'doctype' },
      { type: 'text', value: '<b>html</b>' },
      { type: 'comment', value: 'x' },
      {
        type: 'element', tagName: 'p', properties: { id: 'x', onClick: 'x', style: 'background:url(https://evil.example)' },
        children: [
          { type: 'element', tagName: 'script', properties: { src: 'https://evil.example' }, children: [{ type: 'text', value: 'x()' }] },
          { type: 'element', tagName: 'iframe', properties: { src: 'https://evil.example', srcDoc: 'x' }, children: [] },
          { type: 'element', tagName: 'img', properties: { src: 'https://evil.example/a', srcSet: 'https://evil.example/b', alt: 'a' }, children: [] },
          { type: 'element', tagName: 'a', properties: { href: 'https://evil.example', ping: ['https://evil.example'] }, children: [] },
          { type: 'element', tagName: 'svg', properties: { style: 'color:red' }, children: [] },
        ],
      },
      {
        type: 'element', tagName: 'span', properties: { className: ['katex'], style: 'background-image:url(x)' },
        children: [{ type: 'element', tagName: 'svg', properties: { viewBox: '0 0 1 1', style: 'height:1em', href: 'x' }, children: [] }],
      },
    ],
  }
  seal()(tree)
  assert.deepEqual(tree, {
    type: 'root',
    children: [
      { type: 'element', tagName: 'p', properties: {}, children: [{ type: 'text', value: '<b>html</b>' }] },
      {
        type: 'element', tagName: 'p', properties: {},
        children: [
          { type: 'element', tagName: 'span', properties: {}, children: [{ type: 'text', value: 'x()' }] },
          { type: 'element', tagName: 'span', properties: {}, children: [] },
          { type: 'element', tagName: 'img', properties: { src: 'https://evil.example/a', alt: 'a' }, children: [] },
          { type: 'element', tagName: 'a', properties: { href: 'https://evil.example' }, children: [] },
          { type: 'element', tagName: 'span', properties: {}, children: [] },
        ],
      },
      {
        type: 'element', tagName: 'span', properties: { className: ['katex'] },
        children: [{ type: 'element', tagName: 'svg', properties: { viewBox: '0 0 1 1', style: 'height:1em' }, children: [] }],
      },
    ],
  })
})
