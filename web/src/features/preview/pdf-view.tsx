// A PDF, page by page: only what is in sight is painted.
import { useVirtualizer } from '@tanstack/react-virtual'
import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react'
import type { PDFDocumentProxy } from 'pdfjs-dist'
import { useCallback, useEffect, useRef, useState } from 'react'
import { IconButton, Skeleton } from '@kit'
import { openPdf, wantsPassword } from './pdf-file'
import { PdfPage } from './pdf-page'
import { useWork } from './use-work'
import { Unreadable } from './unreadable'
import type { ViewerProps } from './viewer'
import { words } from './words'

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3]
const MARGIN = 16

interface Opened {
  readonly file: PDFDocumentProxy
  /** Height of the first page for a width of 1; the others are measured when they are seen. */
  readonly aspect: number
}

async function open(bytes: ArrayBuffer, signal: AbortSignal): Promise<Opened> {
  const file = await openPdf(bytes, signal)
  const { width, height } = (await file.getPage(1)).getViewport({ scale: 1 })
  return { file, aspect: height / width }
}

export function PdfView({ bytes, name, download }: ViewerProps) {
  const work = useWork(useCallback((signal: AbortSignal) => open(bytes, signal), [bytes]))
  if (work.state === 'working') return <Skeleton lines={8} className="p-6" />
  if (work.state === 'failed') {
    return wantsPassword(work.error) ? (
      <Unreadable message={words.protectedPdf} hint={words.protectedHint} download={download} name={name} />
    ) : (
      <Unreadable message={words.unreadable(name)} hint={words.unreadableHint} download={download} name={name} />
    )
  }
  return <Pages {...work.value} name={name} />
}

function useWidth() {
  const [width, setWidth] = useState(0)
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null)
  useEffect(() => {
    if (scroller === null) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)))
    observer.observe(scroller)
    return () => observer.disconnect()
  }, [scroller])
  return { width, scroller, setScroller }
}

function Pages({ file, aspect, name }: Opened & { name: string }) {
  const { width: room, scroller, setScroller } = useWidth()
  const [zoom, setZoom] = useState(1)
  const width = Math.max(Math.floor((Math.min(room, 1000) - 2 * MARGIN) * zoom), 1)
  const height = Math.floor(width * aspect)
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes these components
  const pages = useVirtualizer({
    count: room === 0 ? 0 : file.numPages,
    getScrollElement: () => scroller,
    estimateSize: () => height + MARGIN,
    overscan: 1,
    paddingStart: MARGIN,
  })
  const measured = useRef(width)
  useEffect(() => {
    if (measured.current !== width) pages.measure()
    measured.current = width
  }, [pages, width])
  const shown = pages.getVirtualItems()
  const middle = (pages.scrollOffset ?? 0) + (scroller?.clientHeight ?? 0) / 2
  const current = shown.find((page) => page.start + page.size > middle) ?? shown[shown.length - 1]
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Bar at={(current?.index ?? 0) + 1} all={file.numPages} zoom={zoom} onZoom={setZoom} />
      {/* Scrolls with the arrow keys, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={setScroller} tabIndex={0} role="region" aria-label={words.contentOf(name)} className="min-h-0 flex-1 overflow-auto bg-side focus-visible:-outline-offset-2">
        <div className="relative min-w-full" style={{ height: pages.getTotalSize(), width: width + 2 * MARGIN }}>
          {shown.map((page) => (
            <div key={page.key} data-index={page.index} ref={pages.measureElement} className="absolute inset-x-0 top-0 pb-4" style={{ transform: `translateY(${page.start}px)` }}>
              <PdfPage file={file} number={page.index + 1} all={file.numPages} width={width} height={height} />
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}

function Bar({ at, all, zoom, onZoom }: { at: number; all: number; zoom: number; onZoom: (zoom: number) => void }) {
  const smaller = ZOOMS.filter((step) => step < zoom).at(-1)
  const larger = ZOOMS.find((step) => step > zoom)
  return (
    <div className="flex items-center gap-1 border-b border-line px-4 py-1 text-s text-soft">
      <span className="flex-1 tabular-nums">{words.pageOf(at, all)}</span>
      <IconButton label={words.zoomOut} icon={ZoomOut} size="s" disabled={smaller === undefined} onClick={() => onZoom(smaller ?? zoom)} />
      <span className="w-12 text-center tabular-nums">{words.percent(zoom)}</span>
      <IconButton label={words.zoomIn} icon={ZoomIn} size="s" disabled={larger === undefined} onClick={() => onZoom(larger ?? zoom)} />
      <IconButton label={words.fitWidth} icon={Maximize2} size="s" disabled={zoom === 1} onClick={() => onZoom(1)} />
    </div>
  )
}
