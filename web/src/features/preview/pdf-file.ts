// Opens a PDF with pdf.js: its worker, fonts and character maps come from this origin, its scripts never run.
import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy } from 'pdfjs-dist'
import fallbackDecoder from 'pdfjs-dist/wasm/openjpeg_nowasm_fallback.js?url'
import workerAddress from 'pdfjs-dist/build/pdf.worker.min.mjs?url'

GlobalWorkerOptions.workerSrc = workerAddress

/** The addresses of pdf.js's character maps and fonts. */
const EXTRAS = import.meta.glob<string>(
  ['/node_modules/pdfjs-dist/cmaps/*.bcmap', '/node_modules/pdfjs-dist/standard_fonts/*.pfb'],
  { query: '?url', import: 'default', eager: true },
)
const FOLDERS: Readonly<Record<string, string>> = { cMapUrl: 'cmaps', standardFontDataUrl: 'standard_fonts' }

/** Gives pdf.js the character maps and fonts that came with the window. */
class BundledData {
  async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const address = EXTRAS[`/node_modules/pdfjs-dist/${FOLDERS[kind] ?? kind}/${filename}`]
    if (address === undefined) throw new Error(`there is no ${filename}`)
    const response = await fetch(address)
    if (!response.ok) throw new Error(`${filename} cannot be loaded`)
    return new Uint8Array(await response.arrayBuffer())
  }
}

/** Opens a PDF; it is closed when the signal is aborted. */
export async function openPdf(bytes: ArrayBuffer, signal: AbortSignal): Promise<PDFDocumentProxy> {
  const loading = getDocument({
    // The bytes are handed over to the worker, so it gets its own.
    data: bytes.slice(0),
    isEvalSupported: false,
    // The content policy forbids WebAssembly; what needs it has a decoder in plain JavaScript. pdf.js adds a file name
    // to the address, which the fragment swallows.
    useWasm: false,
    wasmUrl: `${new URL(fallbackDecoder, window.location.href).href}#/`,
    useWorkerFetch: false,
    BinaryDataFactory: BundledData,
    cMapUrl: '/cmaps/',
    cMapPacked: true,
    standardFontDataUrl: '/standard_fonts/',
    verbosity: 0,
  })
  signal.addEventListener('abort', () => void loading.destroy())
  return loading.promise
}

/** Whether a PDF cannot be opened because it wants a password. */
export function wantsPassword(error: unknown): boolean {
  return error instanceof Error && error.name === 'PasswordException'
}
