// Marks for hits of Find on the page, by the browser's own highlights: nothing in the page is changed for them.
import { pattern, type Hit } from './find'

const ALL = 'find'
const CURRENT = 'find-current'

/** Frames to wait for a row that was scrolled to. */
const PATIENCE = 40

function offered(): boolean {
  return typeof CSS !== 'undefined' && 'highlights' in CSS && typeof Highlight !== 'undefined'
}

/** Takes all marks away. */
export function clearMarks(): void {
  if (!offered()) return
  CSS.highlights.delete(ALL)
  CSS.highlights.delete(CURRENT)
}

/** Marks every hit that is on the page and brings one of them into the middle. Gives a function that gives up. */
export function mark(list: HTMLElement, query: string, hit: Hit): () => void {
  let frames = 0
  let frame = 0
  let shown = false
  const attempt = () => {
    frames += 1
    const current = place(list, query, hit)
    if (current !== undefined && !shown) {
      shown = true
      bringIntoView(current, list)
    }
    // The row may still be growing (formulas, colours), so the marks are set a few times.
    if (frames < PATIENCE) frame = requestAnimationFrame(attempt)
  }
  frame = requestAnimationFrame(attempt)
  return () => cancelAnimationFrame(frame)
}

function place(list: HTMLElement, query: string, hit: Hit): Range | undefined {
  const row = list.querySelector(`[data-index="${hit.index}"]`)
  const scope = hit.call === undefined ? row : row?.querySelector(`[data-call="${CSS.escape(hit.call)}"]`)
  const ranges = scope == null ? [] : rangesIn(scope, query)
  const current = ranges[Math.min(hit.nth, ranges.length - 1)]
  if (offered()) {
    CSS.highlights.set(ALL, new Highlight(...rangesIn(list, query)))
    if (current === undefined) CSS.highlights.delete(CURRENT)
    else CSS.highlights.set(CURRENT, new Highlight(current))
  }
  return current
}

/** Hits within the parts of the page that Find looks at. */
function rangesIn(scope: Element, query: string): Range[] {
  const parts = scope.matches('[data-find]') ? [scope] : [...scope.querySelectorAll('[data-find]')]
  return parts.flatMap((part) => rangesOf(part, query))
}

function rangesOf(part: Element, query: string): Range[] {
  const wanted = pattern(query)
  if (wanted === undefined) return []
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT)
  const nodes: { readonly node: Node; readonly from: number }[] = []
  let text = ''
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    nodes.push({ node, from: text.length })
    text += node.textContent ?? ''
  }
  return [...text.matchAll(wanted)].flatMap((match) => {
    const start = at(nodes, match.index)
    const end = at(nodes, match.index + match[0].length - 1)
    if (start === undefined || end === undefined) return []
    const range = document.createRange()
    range.setStart(start.node, start.offset)
    range.setEnd(end.node, end.offset + 1)
    return [range]
  })
}

function at(nodes: readonly { readonly node: Node; readonly from: number }[], offset: number): { node: Node; offset: number } | undefined {
  const found = nodes.findLast((each) => each.from <= offset)
  return found === undefined ? undefined : { node: found.node, offset: offset - found.from }
}

/** Scrolls every box around the hit so that it stands in the middle of it. */
function bringIntoView(range: Range, list: HTMLElement): void {
  const start = range.startContainer.parentElement
  for (let box = start; box !== null; box = box.parentElement) {
    if (box.scrollHeight > box.clientHeight + 1 && (box === list || getComputedStyle(box).overflowY !== 'visible')) {
      const hit = range.getBoundingClientRect()
      const frame = box.getBoundingClientRect()
      box.scrollTop += hit.top - frame.top - (box.clientHeight - hit.height) / 2
    }
    if (box === list) return
  }
}
