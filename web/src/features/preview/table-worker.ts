// Reads tables apart from the page, so that a large one does not make it stutter. One question, one answer.
import { unzipSync, zipSync } from 'fflate'
import readSheets from 'read-excel-file/universal'
import { cellText, gridOf, gridOfText, type Grid } from './grid'

/** What is asked: separated text, or a workbook. */
export type TableQuestion =
  | { readonly kind: 'text'; readonly text: string; readonly separator: string | undefined }
  | { readonly kind: 'workbook'; readonly bytes: ArrayBuffer }

/** One table with its name; empty for separated text. */
export interface NamedGrid {
  readonly name: string
  readonly grid: Grid
}

export type TableAnswer = { readonly grids: readonly NamedGrid[] } | { readonly failed: string }

/** A workbook unpacks to no more than this: 300 MB. */
const MOST_UNPACKED = 300_000_000

async function gridsOf(question: TableQuestion): Promise<readonly NamedGrid[]> {
  if (question.kind === 'text') return [{ name: '', grid: gridOfText(question.text, question.separator) }]
  const sheets = await readSheets(stored(question.bytes))
  return sheets.map(({ sheet, data }) => ({ name: sheet, grid: gridOf(data.map((row) => row.map(cellText))) }))
}

/** The same workbook without packing: the reader would otherwise unpack in workers of its own, which the content policy forbids. */
function stored(bytes: ArrayBuffer): ArrayBuffer {
  let size = 0
  const files = unzipSync(new Uint8Array(bytes), {
    filter: (file) => {
      size += file.originalSize
      if (size > MOST_UNPACKED) throw new Error('the workbook is too large when unpacked')
      return !/^xl\/media\//.test(file.name)
    },
  })
  const packed = zipSync(files, { level: 0 })
  return packed.slice().buffer
}

self.addEventListener('message', (event: MessageEvent<TableQuestion>) => {
  gridsOf(event.data).then(
    (grids) => self.postMessage({ grids } satisfies TableAnswer),
    (error: unknown) => self.postMessage({ failed: error instanceof Error ? error.message : String(error) } satisfies TableAnswer),
  )
})
