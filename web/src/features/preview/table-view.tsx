// Separated text and workbooks as tables: only the rows in sight exist.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useState } from 'react'
import { Empty, Skeleton, cx } from '@kit'
import { Table as TableIcon } from 'lucide-react'
import type { Grid } from './grid'
import { ending } from './kind'
import { readTable } from './read-table'
import { textOf } from './text-of'
import { Unreadable } from './unreadable'
import { useWork } from './use-work'
import type { ViewerProps } from './viewer'
import { words } from './words'

/** Height of a row in pixels. */
const ROW = 32
/** Browsers cannot scroll further than about this many rows. */
const MOST_ROWS = 500_000
/** Room for a character and for the padding of a cell, in pixels. */
const CHARACTER = 7.5
const PADDING = 26

export function TableView({ bytes, name, download }: ViewerProps) {
  const separator = ending(name) === 'tsv' ? '\t' : undefined
  const work = useWork(
    useCallback((signal: AbortSignal) => readTable({ kind: 'text', text: textOf(bytes), separator }, signal), [bytes, separator]),
  )
  if (work.state === 'working') return <Skeleton lines={8} className="p-6" />
  const grid = work.state === 'ready' ? work.value[0]?.grid : undefined
  if (grid === undefined) return <Unreadable message={words.unreadable(name)} hint={words.unreadableHint} download={download} name={name} />
  return <GridView grid={grid} label={words.tableOf(name)} />
}

export function WorkbookView({ bytes, name, download }: ViewerProps) {
  const work = useWork(useCallback((signal: AbortSignal) => readTable({ kind: 'workbook', bytes }, signal), [bytes]))
  const [chosen, setChosen] = useState(0)
  if (work.state === 'working') return <Skeleton lines={8} className="p-6" />
  if (work.state === 'failed') return <Unreadable message={words.unreadable(name)} hint={words.unreadableHint} download={download} name={name} />
  const sheet = work.value[chosen] ?? work.value[0]
  if (sheet === undefined) return <Empty icon={TableIcon} title={words.emptyTable} />
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="min-h-0 flex-1">
        <GridView key={chosen} grid={sheet.grid} label={words.tableOf(sheet.name || name)} />
      </div>
      {work.value.length > 1 && (
        <div role="group" aria-label={words.sheets} className="flex gap-1 overflow-x-auto border-t border-line px-2 py-1">
          {work.value.map((each, at) => (
            <button
              key={`${at} ${each.name}`}
              type="button"
              aria-pressed={at === chosen}
              onClick={() => setChosen(at)}
              className={cx('shrink-0 rounded-s px-3 py-1 text-s pointer-coarse:min-h-10', at === chosen ? 'bg-tint font-medium text-accent' : 'text-soft hover:bg-hover')}
            >
              {each.name}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

export function GridView({ grid, label }: { grid: Grid; label: string }) {
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null)
  const count = Math.min(grid.rows.length, MOST_ROWS)
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes these components
  const rows = useVirtualizer({ count, getScrollElement: () => scroller, estimateSize: () => ROW, overscan: 12 })
  if (grid.columns === 0) return <Empty icon={TableIcon} title={words.emptyTable} />
  const gutter = String(count).length * CHARACTER + PADDING
  const widths = grid.widths.map((width) => Math.round(width * CHARACTER + PADDING))
  const notes = [
    words.rows(grid.rows.length, grid.columns),
    grid.columns > grid.header.length ? words.cutTable(grid.header.length) : '',
    count < grid.rows.length ? words.cutRows(count.toLocaleString()) : '',
  ].filter((note) => note !== '')
  const total = gutter + widths.reduce((sum, width) => sum + width, 0)
  return (
    <div className="flex h-full min-h-0 flex-col">
      {/* Scrolls with the arrow keys, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={setScroller} tabIndex={0} role="region" aria-label={label} className="min-h-0 flex-1 overflow-auto bg-panel text-s focus-visible:-outline-offset-2">
        <div role="table" aria-label={label} aria-rowcount={count + 1} aria-colcount={grid.columns} style={{ minWidth: total }}>
          <div role="rowgroup" className="sticky top-0 z-10">
            <Row number={words.row} hidden at={1} cells={grid.header} grid={grid} widths={widths} gutter={gutter} head />
          </div>
          <div role="rowgroup" className="relative" style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map((row) => (
              <div key={row.key} role="presentation" className="absolute inset-x-0 top-0" style={{ transform: `translateY(${row.start}px)` }}>
                <Row number={String(row.index + 1)} at={row.index + 2} cells={grid.rows[row.index] ?? []} grid={grid} widths={widths} gutter={gutter} />
              </div>
            ))}
          </div>
        </div>
      </div>
      <p className="border-t border-line px-4 py-1 text-xs text-soft">{notes.join(' · ')}</p>
    </div>
  )
}

interface RowProps {
  number: string
  hidden?: boolean
  /** Place among all rows, the header being the first. */
  at: number
  cells: readonly string[]
  grid: Grid
  widths: readonly number[]
  gutter: number
  head?: boolean
}

function Row({ number, hidden = false, at, cells, grid, widths, gutter, head = false }: RowProps) {
  return (
    <div role="row" aria-rowindex={at} className={cx('flex border-b border-line', head && 'bg-side font-semibold')} style={{ height: ROW }}>
      <div role="rowheader" className="sticky left-0 z-10 flex shrink-0 items-center justify-end border-r border-line bg-side px-3 font-normal text-faint tabular-nums" style={{ width: gutter }}>
        <span className={hidden ? 'sr-only' : undefined}>{number}</span>
      </div>
      {widths.map((width, column) => {
        const text = cells[column] ?? ''
        return (
          <div
            key={column}
            role={head ? 'columnheader' : 'cell'}
            title={text.length * CHARACTER + PADDING > width + PADDING ? text : undefined}
            className={cx('flex shrink-0 items-center border-r border-line px-3', grid.figures[column] && 'justify-end tabular-nums')}
            style={{ width }}
          >
            <span className="truncate" dir="auto">{text}</span>
          </div>
        )
      })}
    </div>
  )
}
