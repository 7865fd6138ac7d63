// Opens a PDF with pdf.js: its worker, fonts and character maps come from this origin, its scripts never run.
import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy } from 'pdfjs-dist'
import fallbackDecoder from 'pdfjs-dist/wasm/openjpeg_nowasm_fallback.js?url'
import workerAddress from 'pdfjs-dist/build/pdf.worker.min.mjs?url'

GlobalWorkerOptions.workerSrc = workerAddress

/**
 * The addresses of pdf.js's character maps and fonts. Of the maps, those that a PDF may name (ISO 32000-1, table 118) and
 * those from them to Unicode: so Chinese, Japanese and Korean can be read where the font is not in the file. Of the fonts,
 * the two that pdf.js does not take from the system.
 */
const EXTRAS = import.meta.glob<string>(
  [
    '/node_modules/pdfjs-dist/cmaps/{GB-EUC,GBpc-EUC,GBK-EUC,GBKp-EUC,GBK2K,UniGB-UCS2,UniGB-UTF16}-{H,V}.bcmap',
    '/node_modules/pdfjs-dist/cmaps/{B5pc,HKscs-B5,ETen-B5,ETenms-B5,CNS-EUC,UniCNS-UCS2,UniCNS-UTF16}-{H,V}.bcmap',
    '/node_modules/pdfjs-dist/cmaps/{83pv-RKSJ,90ms-RKSJ,90msp-RKSJ,90pv-RKSJ,Add-RKSJ,EUC,Ext-RKSJ}-{H,V}.bcmap',
    '/node_modules/pdfjs-dist/cmaps/{UniJIS-UCS2,UniJIS-UCS2-HW,UniJIS-UTF16}-{H,V}.bcmap',
    '/node_modules/pdfjs-dist/cmaps/{H,V}.bcmap',
    '/node_modules/pdfjs-dist/cmaps/{KSC-EUC,KSCms-UHC,KSCms-UHC-HW,KSCpc-EUC,UniKS-UCS2,UniKS-UTF16}-{H,V}.bcmap',
    '/node_modules/pdfjs-dist/cmaps/Adobe-{GB1,CNS1,Japan1,Korea1}-UCS2.bcmap',
    '/node_modules/pdfjs-dist/standard_fonts/Foxit{Symbol,Dingbats}.pfb',
  ],
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
    useSystemFonts: true,
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
