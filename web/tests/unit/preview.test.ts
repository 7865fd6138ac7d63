// How files are shown: kinds by name, tables, text, and what a hostile page is left with.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanCss, judge } from '@features/preview/clean-page'
import { cellText, gridOf, gridOfText, letters } from '@features/preview/grid'
import { ending, imageMedia, kindOf, looksLikeText } from '@features/preview/kind'
import { linesOf } from '@features/preview/lines'
import { localPath } from '@features/preview/local-path'
import { startOf, textOf } from '@features/preview/text-of'
import { versionOf } from '@features/preview/version'

const buffer = (...bytes: number[]) => new Uint8Array(bytes).buffer
const utf8 = (text: string) => new Uint8Array(new TextEncoder().encode(text)).buffer

test('the name decides how a file is shown', () => {
  const table = [
    ['a.md', 'markdown'], ['A.HTML', 'html'], ['a.svg', 'svg'], ['a.JPG', 'image'], ['a.pdf', 'pdf'], ['a.csv', 'table'],
    ['a.tsv', 'table'], ['a.xlsx', 'workbook'], ['a.docx', 'document'], ['a.rs', 'text'], ['Makefile', 'text'], ['a.mp3', 'audio'],
    ['a.webm', 'video'], ['a.zip', 'other'], ['a.exe', 'other'], ['none', 'other'], ['a.constructor', 'other'], ['a.svg.exe', 'other'],
  ] as const
  for (const [name, kind] of table) assert.equal(kindOf(name), kind, name)
  assert.equal(ending('.gitignore'), 'gitignore')
  assert.equal(imageMedia('a.JPG'), 'image/jpeg')
  assert.equal(imageMedia('a.svg'), 'image/svg+xml')
  assert.equal(looksLikeText(new Uint8Array([1, 0, 2])), false)
  assert.equal(looksLikeText(new Uint8Array([104, 105])), true)
})

test('a table has a header, and every cell is only text', () => {
  const grid = gridOfText('Name;Sum\r\nTaxi;12,50\r\n"=HYPERLINK(""http://x"")";3\r\n\r\n')
  assert.deepEqual(grid.header, ['Name', 'Sum'])
  assert.deepEqual(grid.rows, [['Taxi', '12,50'], ['=HYPERLINK("http://x")', '3']])
  assert.deepEqual(grid.figures, [false, true])
  assert.equal(grid.columns, 2)
})

test('commas, tabs and a byte order mark are understood', () => {
  assert.deepEqual(gridOfText('\uFEFFa,b\n1,2').header, ['a', 'b'])
  assert.deepEqual(gridOfText('a\tb\n1,5\t2', '\t').rows, [['1,5', '2']])
})

test('columns without a name get a letter, and too many are counted but not shown', () => {
  const grid = gridOf([['a', ''], ['1', '2', '3']])
  assert.deepEqual(grid.header, ['a', 'B', 'C'])
  assert.deepEqual([letters(0), letters(25), letters(26), letters(701), letters(702)], ['A', 'Z', 'AA', 'ZZ', 'AAA'])
  const wide = gridOf([Array.from({ length: 300 }, () => 'x')])
  assert.equal(wide.header.length, 200)
  assert.equal(wide.columns, 300)
  assert.deepEqual(gridOf([]), { header: [], rows: [], columns: 0, figures: [], widths: [] })
})

test('figures stand to the right: sums, shares and money, but not dates or names', () => {
  const figures = (cell: string) => gridOf([['h'], [cell]]).figures[0]
  for (const cell of ['1', '-1.5', '1,200.00', '1 200', '€12', '12 €', '35%', '+4']) assert.equal(figures(cell), true, cell)
  for (const cell of ['2026-10-14', 'a1', '-', '.', '1e', 'N/A', '']) assert.equal(figures(cell), false, cell)
})

test('cells of a workbook become text', () => {
  const table: readonly (readonly [unknown, string])[] = [
    [null, ''], [undefined, ''], ['a', 'a'], [12, '12'], [0.1 + 0.2, '0.3'], [true, 'TRUE'],
    [new Date('2026-10-14T00:00:00Z'), '2026-10-14'], [new Date('2026-10-14T09:30:00Z'), '2026-10-14 09:30'], [new Date(Number.NaN), ''],
  ]
  for (const [value, text] of table) assert.equal(cellText(value), text)
})

test('text is decoded as what it is', () => {
  assert.equal(textOf(utf8('naïve €')), 'naïve €')
  assert.equal(textOf(buffer(0xff, 0xfe, 0x41, 0)), 'A')
  assert.equal(textOf(buffer(0xfe, 0xff, 0, 0x41)), 'A')
  assert.equal(textOf(buffer(0x63, 0x61, 0x66, 0xe9)), 'café')
  assert.equal(textOf(buffer()), '')
})

test('the start of a text ends between characters', () => {
  assert.deepEqual(startOf(utf8('abc'), 3), { text: 'abc', cut: false })
  assert.deepEqual(startOf(utf8('ab€'), 3), { text: 'ab', cut: true })
  assert.deepEqual(startOf(utf8('ab€'), 4), { text: 'ab', cut: true })
})

test('lines are numbered, and a line without end is folded', () => {
  assert.deepEqual(linesOf('a\r\nb\n'), [{ number: 1, text: 'a' }, { number: 2, text: 'b' }])
  const long = linesOf('x'.repeat(9000))
  assert.deepEqual(long.map((line) => [line.number, line.text.length]), [[1, 4000], [undefined, 4000], [undefined, 1000]])
})

test('only files beside a document are reached from it', () => {
  const from = '/work/Site/pages/index.html'
  const table = [
    ['chart.png', '/work/Site/pages/chart.png'], ['../img/a%20b.png?x#y', '/work/Site/img/a b.png'], ['/outputs/a.png', '/outputs/a.png'],
    ['../../../../etc/passwd', undefined], ['/api/v1/settings', undefined], ['http://evil.test/a.png', undefined], ['//evil.test/a.png', undefined],
    ['\\\\evil.test\\a.png', undefined], ['javascript:alert(1)', undefined], ['data:text/html,x', undefined], ['%zz', undefined], ['', undefined],
    ['%2e%2e/%2e%2e/%2e%2e/%2e%2e/x', undefined],
  ] as const
  for (const [address, path] of table) assert.equal(localPath(from, address), path, address)
})

test('attributes that name an address go, unless it is in the page or beside it', () => {
  const path = '/outputs/page.html'
  const drop = [
    ['a', 'href', 'http://evil.test/'], ['a', 'href', 'javascript:alert(1)'], ['a', 'ping', '/x'], ['img', 'src', 'http://evil.test/a.png'],
    ['img', 'src', '//evil.test/a.png'], ['img', 'srcset', 'a.png 1x'], ['video', 'src', 'a.mp4'], ['video', 'poster', 'a.png'],
    ['body', 'background', 'a.png'], ['image', 'xlink:href', 'http://evil.test/'], ['use', 'href', 'a.svg#x'], ['input', 'src', 'a.png'],
    ['img', 'src', 'data:text/html,<script>'], ['rect', 'fill', 'url(http://evil.test/#a)'], ['rect', 'filter', 'u\\72l(http://evil.test)'],
    ['a', 'target', '_top'], ['button', 'formaction', '/x'], ['blockquote', 'cite', 'http://evil.test'],
  ] as const
  for (const [tag, name, value] of drop) assert.equal(judge(tag, name, value, path), 'drop', `${name}=${value}`)
  const keep = [
    ['a', 'href', '#part'], ['use', 'xlink:href', '#icon'], ['img', 'src', 'data:image/png;base64,AAAA'], ['rect', 'fill', 'url(#blue)'],
    ['p', 'class', 'note'], ['p', 'title', 'see url(x) in the text'], ['td', 'width', '20'], ['p', 'style', 'color: red'],
  ] as const
  for (const [tag, name, value] of keep) assert.equal(judge(tag, name, value, path), 'keep', `${name}=${value}`)
  assert.deepEqual(judge('IMG', 'src', 'chart.png', path), { picture: '/outputs/chart.png' })
})

test('style sheets keep no address', () => {
  const hostile = [
    'a{background:url(http://evil.test/a)}', 'a{background:url( "http://evil.test/a" )}', "a{background:URL('//evil.test/a')}",
    'a{background:u\\72l(http://evil.test/a)}', 'a{background:\\75\\72\\6c(http://evil.test/a)}', 'a{background:\\u\\r\\l(http://evil.test)}',
    '@import "http://evil.test/a.css";', '@import url(http://evil.test/a.css) screen;', '@\\69mport "http://evil.test/a.css";',
    '@font-face{src:url(http://evil.test/f.woff2)}', 'a{background:image-set("http://evil.test/a" 1x)}',
    'a{background:-webkit-image-set(url(http://evil.test/a) 1x)}', 'a{--x:url(http://evil.test/a)}', 'a{background:ur/**/l(http://evil.test)}',
    'a{background:url(data:text/html,http://evil.test)}',
  ]
  for (const css of hostile) assert.doesNotMatch(cleanCss(css), /(?:url|image-set)\s*\(\s*"?(?:http|\/\/|data:text)|@import/i, css)
  assert.equal(cleanCss('a{color:red;content:"\\201C"}'), 'a{color:red;content:"\\201C"}')
  assert.equal(cleanCss('@font-face{font-family:x;src:url(data:font/woff2;base64,AA)}a{b:c}'), 'a{b:c}')
  assert.equal(cleanCss('a{background:url(data:image/png;base64,AA)}'), 'a{background:url("data:image/png;base64,AA")}')
  assert.equal(cleanCss('a{filter:url(#soft)}'), 'a{filter:url("#soft")}')
})

test('the version of a file follows what the task did to it', () => {
  const output = { path: '/outputs/a.md', title: '', bytes: 5, media: 'text/markdown', turn: 1 }
  assert.equal(versionOf({ changed: [], outputs: [] }, '/outputs/a.md'), '')
  assert.equal(versionOf({ changed: [{ path: '/outputs/a.md', kind: 'made', after: 'd1' }], outputs: [output] }, '/outputs/a.md'), 'd1 1 5')
  assert.equal(versionOf({ changed: [{ path: '/outputs/a.md', kind: 'deleted' }], outputs: [output] }, '/outputs/a.md'), 'gone')
  assert.equal(versionOf({ changed: [], outputs: [{ ...output, turn: 2 }] }, '/outputs/a.md'), ' 2 5')
})
