// One page of a PDF: its picture, and its text over it for selecting and reading aloud.
import { TextLayer, type PDFDocumentProxy, type PDFPageProxy } from 'pdfjs-dist'
import { useEffect, useRef } from 'react'
import { words } from './words'
import './pdf.css'

/** Sharper than this costs more memory than it shows. */
const SHARPEST = 2

async function paint(page: PDFPageProxy, sheet: HTMLElement, width: number, signal: AbortSignal): Promise<void> {
  const scale = width / page.getViewport({ scale: 1 }).width
  const viewport = page.getViewport({ scale })
  const sharpness = Math.min(window.devicePixelRatio, SHARPEST)
  sheet.style.height = `${Math.floor(viewport.height)}px`
  const canvas = document.createElement('canvas')
  canvas.width = Math.floor(viewport.width * sharpness)
  canvas.height = Math.floor(viewport.height * sharpness)
  canvas.style.width = '100%'
  canvas.style.height = '100%'
  canvas.setAttribute('aria-hidden', 'true')
  const painting = page.render({ canvas, viewport, transform: [sharpness, 0, 0, sharpness, 0, 0] })
  signal.addEventListener('abort', () => painting.cancel())
  await painting.promise
  const text = document.createElement('div')
  text.className = 'pdf-text'
  text.style.setProperty('--total-scale-factor', String(scale))
  const layer = new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport })
  signal.addEventListener('abort', () => layer.cancel())
  await layer.render()
  if (!signal.aborted) sheet.replaceChildren(canvas, text)
}

export function PdfPage({ file, number, all, width, height }: { file: PDFDocumentProxy; number: number; all: number; width: number; height: number }) {
  const sheet = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const ending = new AbortController()
    const show = async () => {
      const page = await file.getPage(number)
      if (sheet.current !== null && !ending.signal.aborted) await paint(page, sheet.current, width, ending.signal)
    }
    // A page that was scrolled away is not painted to its end; a damaged one stays empty.
    show().catch(() => undefined)
    return () => ending.abort()
  }, [file, number, width])
  return (
    <div
      ref={sheet}
      role="group"
      aria-label={words.pageOf(number, all)}
      className="relative mx-auto overflow-hidden shadow-float"
      // Paper is white in both appearances.
      style={{ width, height, background: 'white' }}
    />
  )
}
