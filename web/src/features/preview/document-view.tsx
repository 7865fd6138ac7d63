// A DOCX as text, drawn with the window's own type.
import { useCallback } from 'react'
import { Empty, Skeleton } from '@kit'
import { FileText } from 'lucide-react'
import { documentOf, type DocumentElement, type DocumentNode } from './document-text'
import { Unreadable } from './unreadable'
import { useWork } from './use-work'
import type { ViewerProps } from './viewer'
import { words } from './words'

export function DocumentView({ bytes, name, download }: ViewerProps) {
  const work = useWork(useCallback(() => documentOf(bytes), [bytes]))
  if (work.state === 'working') return <Skeleton lines={8} className="p-6" />
  if (work.state === 'failed') return <Unreadable message={words.unreadable(name)} hint={words.unreadableHint} download={download} name={name} />
  if (work.value.length === 0) return <Empty icon={FileText} title={words.emptyTitle} />
  return (
    <div className="flex h-full min-h-0 flex-col">
      {/* Scrolls with the arrow keys, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div tabIndex={0} role="region" aria-label={words.documentOf(name)} className="min-h-0 flex-1 overflow-auto bg-panel px-6 py-6 focus-visible:-outline-offset-2">
        <div className="mx-auto flex max-w-column flex-col gap-3 text-m break-words">
          <Nodes nodes={work.value} />
        </div>
      </div>
      <p className="border-t border-line px-4 py-2 text-xs text-soft">{words.documentNote}</p>
    </div>
  )
}

function Nodes({ nodes }: { nodes: readonly DocumentNode[] }) {
  return nodes.map((node, at) => (typeof node === 'string' ? node : <Element key={at} node={node} />))
}

function Element({ node }: { node: DocumentElement }) {
  const inside = <Nodes nodes={node.children} />
  switch (node.tag) {
    case 'h1':
      return <h3 className="pt-4 text-xl font-semibold first:pt-0">{inside}</h3>
    case 'h2':
      return <h4 className="pt-3 text-l font-semibold">{inside}</h4>
    case 'h3':
    case 'h4':
    case 'h5':
    case 'h6':
      return <h5 className="pt-2 text-m font-semibold">{inside}</h5>
    case 'p':
      return <p dir="auto">{inside}</p>
    case 'ul':
      return <ul className="flex list-disc flex-col gap-1 pl-6">{inside}</ul>
    case 'ol':
      return <ol className="flex list-decimal flex-col gap-1 pl-6">{inside}</ol>
    case 'li':
      return <li dir="auto">{inside}</li>
    case 'table':
      return (
        <div className="overflow-x-auto">
          <table className="min-w-full border-collapse text-s">{inside}</table>
        </div>
      )
    case 'tbody':
      return <tbody>{inside}</tbody>
    case 'tr':
      return <tr>{inside}</tr>
    case 'th':
    case 'td':
      return <Cell node={node} />
    case 'strong':
      return <strong className="font-semibold">{inside}</strong>
    case 'em':
      return <em>{inside}</em>
    case 'sup':
      return <sup>{inside}</sup>
    case 'sub':
      return <sub>{inside}</sub>
    case 'br':
      return <br />
    case 'img':
      return node.picture === undefined ? null : <img src={node.picture.address} alt={node.picture.text} className="my-2 max-w-full" />
  }
}

function Cell({ node }: { node: DocumentElement }) {
  const spans = {
    ...(node.columns === undefined ? {} : { colSpan: node.columns }),
    ...(node.rows === undefined ? {} : { rowSpan: node.rows }),
  }
  const inside = <Nodes nodes={node.children} />
  return node.tag === 'th' ? (
    <th className="border border-line bg-side px-3 py-2 text-left align-top" {...spans}>{inside}</th>
  ) : (
    <td className="border border-line px-3 py-2 align-top" {...spans}>{inside}</td>
  )
}
