// Office files and PDFs for the tests, written by hand: as small as the formats allow, and the same with something hostile in them.
import { strToU8, zipSync } from 'fflate'

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const SHEET = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
const DRAWING = 'http://schemas.openxmlformats.org/drawingml/2006'

/** A red picture of one pixel. */
const RED = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64')

/** One relation of a part: its id, what it is, where it leads. */
type Relation = readonly [id: string, kind: string, target: string]

function relations(list: readonly Relation[]): string {
  const outside = (target: string) => (/^[a-z]+:/.test(target) ? ' TargetMode="External"' : '')
  const lines = list.map(([id, kind, target]) => `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target}"${outside(target)}/>`)
  return `${XML}<Relationships xmlns="${PACKAGE}/relationships">${lines.join('')}</Relationships>`
}

function contentTypes(parts: Readonly<Record<string, string>>): string {
  const overrides = Object.entries(parts).map(([part, kind]) => `<Override PartName="${part}" ContentType="application/vnd.openxmlformats-officedocument.${kind}+xml"/>`)
  return (
    `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="png" ContentType="image/png"/>` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    `<Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`
  )
}

function packed(parts: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(parts).map(([path, part]) => [path, typeof part === 'string' ? strToU8(part) : part])))
}

/** A cell: text, a number, a day counted from the last of 1899, or a formula with the value that was kept of it. */
export type Cell = string | number | { readonly day: number } | { readonly formula: string; readonly kept: string }

function cell(value: Cell): string {
  if (typeof value === 'string') return `<c t="inlineStr"><is><t>${value}</t></is></c>`
  if (typeof value === 'number') return `<c><v>${value}</v></c>`
  if ('day' in value) return `<c s="1"><v>${value.day}</v></c>`
  return `<c t="str"><f>${value.formula}</f><v>${value.kept}</v></c>`
}

/** A workbook of these sheets; `reach` is an address that some of its parts name. */
export function workbook(sheets: Readonly<Record<string, readonly (readonly Cell[])[]>>, reach?: string): Uint8Array {
  const names = Object.keys(sheets)
  const parts: Record<string, string> = {
    '[Content_Types].xml': contentTypes({
      '/xl/workbook.xml': 'spreadsheetml.sheet.main',
      '/xl/styles.xml': 'spreadsheetml.styles',
      ...Object.fromEntries(names.map((_, at) => [`/xl/worksheets/sheet${at + 1}.xml`, 'spreadsheetml.worksheet'])),
    }),
    '_rels/.rels': relations([['rId1', 'officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `${XML}<workbook xmlns="${SHEET}" xmlns:r="${OFFICE}"><sheets>${names.map((name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations([
      ...names.map((_, at): Relation => [`rId${at + 1}`, 'worksheet', `worksheets/sheet${at + 1}.xml`]),
      ['rId90', 'styles', 'styles.xml'],
      ...(reach === undefined ? [] : [['rId91', 'externalLink', `${reach}/other.xlsx`] as const]),
    ]),
    'xl/styles.xml': `${XML}<styleSheet xmlns="${SHEET}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
  }
  for (const [at, rows] of Object.values(sheets).entries()) {
    const lines = rows.map((row, index) => `<row r="${index + 1}">${row.map((value, column) => cell(value).replace('<c', `<c r="${String.fromCharCode(65 + column)}${index + 1}"`)).join('')}</row>`)
    const link = reach === undefined ? '' : '<hyperlinks><hyperlink ref="A1" r:id="rId1"/></hyperlinks><drawing r:id="rId2"/>'
    parts[`xl/worksheets/sheet${at + 1}.xml`] = `${XML}<worksheet xmlns="${SHEET}" xmlns:r="${OFFICE}"><sheetData>${lines.join('')}</sheetData>${link}</worksheet>`
    if (reach !== undefined) parts[`xl/worksheets/_rels/sheet${at + 1}.xml.rels`] = relations([['rId1', 'hyperlink', `${reach}/cell`], ['rId2', 'drawing', `${reach}/drawing.xml`]])
  }
  return packed(parts)
}

const run = (text: string, look = '') => `<w:r><w:rPr>${look}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`
const paragraph = (inside: string, look = '') => `<w:p><w:pPr>${look}</w:pPr>${inside}</w:p>`

function picture(relation: string, how: 'embed' | 'link'): string {
  return (
    `<w:r><w:drawing><wp:inline xmlns:wp="${DRAWING}/wordprocessingDrawing"><wp:docPr id="1" name="p" descr="A red dot"/>` +
    `<a:graphic xmlns:a="${DRAWING}/main"><a:graphicData uri="${DRAWING}/picture"><pic:pic xmlns:pic="${DRAWING}/picture">` +
    `<pic:blipFill><a:blip r:${how}="${relation}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`
  )
}

/** A letter with a heading, words in bold, a table and a picture; `reach` is an address that some of its parts name. */
export function letter(reach?: string): Uint8Array {
  const row = (...cells: string[]) => `<w:tr>${cells.map((text) => `<w:tc>${paragraph(run(text))}</w:tc>`).join('')}</w:tr>`
  const hostile =
    paragraph(picture('rId4', 'link')) + paragraph(picture('rId4', 'embed')) +
    paragraph(`<w:hyperlink r:id="rId5">${run('Pay here')}</w:hyperlink>`) +
    paragraph(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> INCLUDEPICTURE "${reach}/field.png" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`)
  const body =
    paragraph(run('Letter to the landlord'), '<w:pStyle w:val="Heading1"/>') +
    paragraph(run('The heating is ') + run('broken', '<w:b/>') + run('.')) +
    `<w:tbl>${row('Room', 'Degrees')}${row('Kitchen', '12')}</w:tbl>` +
    paragraph(picture('rId2', 'embed')) + (reach === undefined ? '' : hostile)
  return packed({
    '[Content_Types].xml': contentTypes({ '/word/document.xml': 'wordprocessingml.document.main', '/word/styles.xml': 'wordprocessingml.styles' }),
    '_rels/.rels': relations([['rId1', 'officeDocument', 'word/document.xml']]),
    'word/document.xml': `${XML}<w:document xmlns:w="${WORD}" xmlns:r="${OFFICE}"><w:body>${body}</w:body></w:document>`,
    'word/_rels/document.xml.rels': relations([
      ['rId1', 'styles', 'styles.xml'],
      ['rId2', 'image', 'media/red.png'],
      ...(reach === undefined
        ? []
        : ([['rId3', 'attachedTemplate', `${reach}/template.dotm`], ['rId4', 'image', `${reach}/linked.png`], ['rId5', 'hyperlink', `${reach}/pay`]] as const)),
    ]),
    'word/styles.xml': `${XML}<w:styles xmlns:w="${WORD}"><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>`,
    'word/media/red.png': RED,
  })
}

/** A PDF of these objects, the first being its catalog; `more` goes into its trailer. */
function pdfOf(objects: readonly string[], more = ''): Uint8Array {
  let text = '%PDF-1.7\n'
  const places = objects.map((object, at) => {
    const place = text.length
    text += `${at + 1} 0 obj\n${object}\nendobj\n`
    return `${String(place).padStart(10, '0')} 00000 n \n`
  })
  const size = objects.length + 1
  const trailer = `xref\n0 ${size}\n0000000000 65535 f \n${places.join('')}trailer\n<< /Size ${size} /Root 1 0 R ${more}>>\nstartxref\n${text.length}\n%%EOF\n`
  return Buffer.from(text + trailer, 'latin1')
}

const stream = (content: string, more = '') => `<< /Length ${content.length} ${more}>>\nstream\n${content}\nendstream`

const FONTS = [
  '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  // Japanese by a font that is not in the file: it needs the character maps that come with the window.
  '<< /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /90ms-RKSJ-H /DescendantFonts [6 0 R] >>',
  '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor 7 0 R >>',
  '<< /Type /FontDescriptor /FontName /Ryumin-Light /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 900 /Descent -200 /CapHeight 700 /StemV 80 >>',
  '<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>',
]

/** 日本 as Shift JIS. */
const JAPAN = '<93fa967b>'

/** A PDF of two pages: a red square, text, Japanese and a Greek letter on the first, text on the second. `reach` is an address that it tries to reach. */
export function paper(reach?: string): Uint8Array {
  const page = (content: number) =>
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents ${content} 0 R /Resources << /Font << /F1 4 0 R /F2 5 0 R /F3 8 0 R >> ${reach === undefined ? '' : '/XObject << /X1 14 0 R >> '}>>${reach === undefined ? '' : ' /Annots [13 0 R]'} >>`
  const first = `1 0 0 rg 200 20 80 80 re f 0 g BT /F1 18 Tf 20 150 Td (Quarterly figures) Tj /F2 18 Tf 0 -40 Td ${JAPAN} Tj /F3 18 Tf 0 -40 Td (a) Tj ET${reach === undefined ? '' : ' /X1 Do'}`
  const action = reach === undefined ? '' : ` /OpenAction 12 0 R /AcroForm << /Fields [] /XFA (${reach}/form) >>`
  return pdfOf([
    `<< /Type /Catalog /Pages 2 0 R${action} >>`,
    '<< /Type /Pages /Kids [3 0 R 9 0 R] /Count 2 >>',
    page(10),
    ...FONTS,
    page(11),
    stream(first),
    stream('BT /F1 18 Tf 20 150 Td (The second page) Tj ET'),
    ...(reach === undefined
      ? []
      : [
          `<< /S /JavaScript /JS (app.launchURL\\("${reach}/script"\\); this.submitForm\\("${reach}/submit"\\)) /Next << /S /URI /URI (${reach}/open) >> >>`,
          `<< /Type /Annot /Subtype /Link /Rect [0 0 300 200] /A << /S /URI /URI (${reach}/link) >> /AA << /PV << /S /GoToR /F << /FS /URL /F (${reach}/other.pdf) >> >> >> >>`,
          `<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length 0 /F << /FS /URL /F (${reach}/image.raw) >> >>\nstream\n\nendstream`,
        ]),
  ])
}

/** A PDF that wants a password. */
export function lockedPaper(): Uint8Array {
  const key = `<${'5a'.repeat(32)}>`
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [] /Count 0 >>']
  return pdfOf(objects, `/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O ${key} /U ${key} >> `)
}
