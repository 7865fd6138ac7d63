// Text and code as numbered lines; only the lines in sight exist.
import { useVirtualizer } from '@tanstack/react-virtual'
import { WrapText } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Button, cx } from '@kit'
import { bytes as sized } from '@lib/format'
import { keep, kept } from '@lib/storage'
import { MOST_TEXT } from './kind'
import { linesOf } from './lines'
import { startOf } from './text-of'
import type { ViewerProps } from './viewer'
import { words } from './words'

/** Height of a line in pixels. */
const LINE = 20

export function TextView({ bytes, name }: ViewerProps) {
  const { text, cut } = useMemo(() => startOf(bytes, MOST_TEXT), [bytes])
  const lines = useMemo(() => linesOf(text), [text])
  const [wrap, setWrap] = useState(() => kept('preview.wrap', true))
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null)
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes these components
  const rows = useVirtualizer({ count: lines.length, getScrollElement: () => scroller, estimateSize: () => LINE, overscan: 30 })
  const change = (next: boolean) => {
    setWrap(next)
    keep('preview.wrap', next)
    rows.measure()
  }
  const digits = `${String(lines.length).length + 1}ch`
  return (
    <div className="flex h-full min-h-0 flex-col">
      {/* Scrolls with the arrow keys, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={setScroller} tabIndex={0} role="region" aria-label={words.contentOf(name)} className="min-h-0 flex-1 overflow-auto bg-panel py-2 font-mono text-s focus-visible:-outline-offset-2">
        <div className="relative min-w-full" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const line = lines[row.index]
            return (
              <div key={row.key} data-index={row.index} ref={rows.measureElement} className="absolute top-0 left-0 flex min-w-full" style={{ transform: `translateY(${row.start}px)`, ...(wrap ? { width: '100%' } : {}) }}>
                <span aria-hidden className="sticky left-0 shrink-0 bg-panel pr-3 pl-4 text-right text-faint tabular-nums select-none" style={{ minWidth: `calc(${digits} + 1.75rem)` }}>
                  {line?.number}
                </span>
                <span dir="auto" className={cx('min-h-5 pr-4', wrap ? 'min-w-0 flex-1 break-words whitespace-pre-wrap' : 'whitespace-pre')}>
                  {line?.text}
                </span>
              </div>
            )
          })}
        </div>
      </div>
      <div className="flex flex-wrap items-center justify-between gap-4 border-t border-line px-4 py-1">
        <p className="text-xs text-soft">{cut ? words.cutText(sized(MOST_TEXT)) : sized(bytes.byteLength)}</p>
        <Button variant="quiet" size="s" icon={WrapText} aria-pressed={wrap} className={cx('-mr-2', wrap && 'bg-side text-ink')} onClick={() => change(!wrap)}>
          {words.wrap}
        </Button>
      </div>
    </div>
  )
}
