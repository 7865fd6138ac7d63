// Previews of files that are not text: PDFs, workbooks and documents. What they name elsewhere is not asked for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator } from 'playwright-core'
import { letter, lockedPaper, paper, workbook, type Cell } from './papers'
import { presentingGiven } from './scripts'
import { onStage, seen, staged, type Stage } from './stage'
import { Trap, TRAP_HOST } from './trap'
import { Window } from './window'
import { until } from './world'

const SHEETS: Readonly<Record<string, readonly (readonly Cell[])[]>> = {
  Rain: [['Month', 'Rain', 'Measured'], ['May', 12.5, { day: 45_778 }], ['June', 0.1 + 0.2, { day: 45_809 }]],
  Sums: [['What', 'Sum'], ['All', { formula: 'SUM(Rain!B2:B3)', kept: '12.8' }]],
}

/** Presents these files of a folder of the user's in a task and opens it. */
async function presented({ world, door, open, page }: Stage, files: Readonly<Record<string, Uint8Array>>): Promise<Window> {
  const folder = world.folder('Papers', files)
  const paths = Object.keys(files).map((name) => `/work/Papers/${name}`)
  const task = await door.make({ prompt: 'Show me', model: world.script('papers', presentingGiven(paths, 'That is all.')), folders: [folder] })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('That is all.'))
  return window
}

/** Opens the preview of a file and gives its part of the page. */
async function preview(window: Window, name: string): Promise<Locator> {
  await window.button(`Preview ${name}`).first().click()
  return window.page.getByRole('region', { name: `Preview of ${name}`, exact: true })
}

/** Whether a canvas has a pixel that is all red. */
function hasRed(canvas: Locator): Promise<boolean> {
  return canvas.evaluate((element) => {
    if (!(element instanceof HTMLCanvasElement)) return false
    const { data } = element.getContext('2d')?.getImageData(0, 0, element.width, element.height) ?? { data: [] }
    for (let at = 0; at < data.length; at += 4) if (data[at] === 255 && data[at + 1] === 0 && data[at + 2] === 0) return true
    return false
  })
}

/** The cells of a table row by row, without the numbers of the rows. */
async function cells(table: Locator): Promise<string[][]> {
  const rows = await table.getByRole('row').all()
  return Promise.all(rows.map((row) => row.getByRole('columnheader').or(row.getByRole('cell')).allInnerTexts()))
}

staged('a PDF is painted page by page, with its text over it', {}, async (stage) => {
  const shown = await preview(await presented(stage, { 'figures.pdf': paper() }), 'figures.pdf')
  const first = shown.getByRole('group', { name: 'Page 1 of 2' })
  await seen(first.getByText('Quarterly figures'))
  await seen(first.getByText('日本'))
  await until('the red square', () => hasRed(first.locator('canvas')))
  await seen(shown.getByRole('group', { name: 'Page 2 of 2' }).getByText('The second page'))
  const width = async () => (await first.boundingBox())?.width ?? 0
  const before = await width()
  await shown.getByRole('button', { name: 'Zoom in' }).click()
  await seen(shown.getByText('125 %'))
  await until('a wider page', async () => (await width()) > before)
  await seen(first.getByText('Quarterly figures'))
})

staged('a workbook is shown sheet by sheet, with plain figures and days', {}, async (stage) => {
  const shown = await preview(await presented(stage, { 'rain.xlsx': workbook(SHEETS) }), 'rain.xlsx')
  const rain = shown.getByRole('table', { name: 'Table of Rain' })
  await seen(rain.getByRole('cell', { name: 'June' }))
  assert.deepEqual(await cells(rain), [['Month', 'Rain', 'Measured'], ['May', '12.5', '2025-05-01'], ['June', '0.3', '2025-06-01']])
  await shown.getByRole('button', { name: 'Sums' }).click()
  const sums = shown.getByRole('table', { name: 'Table of Sums' })
  await seen(sums)
  assert.deepEqual(await cells(sums), [['What', 'Sum'], ['All', '12.8']])
})

staged('a document is shown as its text, tables and pictures', {}, async (stage) => {
  const shown = await preview(await presented(stage, { 'letter.docx': letter() }), 'letter.docx')
  const text = shown.getByRole('region', { name: 'Text of letter.docx' })
  await seen(text.getByRole('heading', { name: 'Letter to the landlord' }))
  assert.equal(await text.getByRole('paragraph').filter({ hasText: 'heating' }).innerHTML(), 'The heating is <strong class="font-semibold">broken</strong>.')
  await seen(text.getByRole('cell', { name: 'Kitchen' }))
  const dot = text.getByRole('img', { name: 'A red dot' })
  await until('the picture', () => dot.evaluate((img) => img instanceof HTMLImageElement && img.naturalWidth === 1))
})

staged('a damaged file and a locked one say so and offer the download', {}, async (stage) => {
  const half = (bytes: Uint8Array) => bytes.slice(0, bytes.length / 2)
  const damaged = { 'half.xlsx': half(workbook(SHEETS)), 'half.docx': half(letter()), 'empty.pdf': Buffer.from('%PDF-1.7\n') }
  const window = await presented(stage, { ...damaged, 'locked.pdf': lockedPaper() })
  for (const name of Object.keys(damaged)) {
    const shown = await preview(window, name)
    await seen(shown.getByText(`cannot show ${name}`))
    await seen(shown.getByRole('link', { name: `Download ${name}` }))
    await window.button('Close preview').first().click()
  }
  await seen((await preview(window, 'locked.pdf')).getByText('this PDF is locked with a password'))
})

test('PDFs, workbooks and documents that name other addresses reach nobody', { timeout: 120_000 }, async () => {
  const trap = await Trap.start()
  try {
    await onStage('hostile papers', { flags: [trap.flag] }, async (stage) => {
      const asked: string[] = []
      stage.context.on('request', (request) => asked.push(request.url()))
      const files = Object.fromEntries(
        [`http://127.0.0.1:${trap.port}`, `http://${TRAP_HOST}:${trap.port}`].flatMap((reach, at) => [
          [`p${at}.pdf`, paper(reach)],
          [`p${at}.xlsx`, workbook({ Reach: [['Bill', { formula: `WEBSERVICE("${reach}/service")`, kept: 'kept' }], [{ formula: `HYPERLINK("${reach}/formula")`, kept: 'Open' }, 1]] }, reach)],
          [`p${at}.docx`, letter(reach)],
        ]),
      )
      const window = await presented(stage, files)
      for (const name of Object.keys(files)) {
        const shown = await preview(window, name)
        await seen(shown.getByText(/^(?:Quarterly figures|kept|Pay here)$/))
        await stage.settled()
        assert.equal(await shown.getByRole('link').count(), 1, 'only the download is a link')
        await window.button('Close preview').first().click()
      }
      await stage.settled()
      assert.deepEqual({ connections: trap.connections, sent: trap.sent }, { connections: 0, sent: [] })
      assert.deepEqual(asked.filter((url) => !/^(?:blob|data):/.test(url) && new URL(url).origin !== stage.daemon.origin), [])
      assert.equal(stage.context.pages().length, 1, 'no page opened by itself')
    })
  } finally {
    await trap.end()
  }
})
