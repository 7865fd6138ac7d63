// The last step before Markdown becomes elements: only known elements and attributes stay, so that nothing in a text can
// run, load or style anything. HTML in a text never gets here; the parser leaves it as text.
import type { Element, Nodes, Properties, Root, RootContent } from 'hast'

const PROSE = new Set([
  'a', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'img', 'input', 'li', 'ol', 'p',
  'pre', 'section', 'span', 'strong', 'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul',
])

/** What formulas are made of. */
const FORMULA = new Set([
  'annotation', 'line', 'math', 'menclose', 'mfrac', 'mi', 'mn', 'mo', 'mover', 'mpadded', 'mphantom', 'mroot', 'mrow',
  'ms', 'mspace', 'msqrt', 'mstyle', 'msub', 'msubsup', 'msup', 'mtable', 'mtd', 'mtext', 'mtr', 'munder', 'munderover',
  'path', 'semantics', 'svg',
])

/** Attributes kept in prose. Addresses stay on links and pictures, whose components decide what becomes of them. */
const PROSE_KEPT = new Set(['align', 'alt', 'checked', 'className', 'href', 'metastring', 'src', 'start', 'title'])
const FORMULA_KEPT = new Set([
  'accent', 'ariaHidden', 'className', 'columnAlign', 'columnSpacing', 'd', 'depth', 'display', 'encoding', 'fence',
  'height', 'lspace', 'mathcolor', 'mathsize', 'mathvariant', 'maxsize', 'minsize', 'notation', 'preserveAspectRatio',
  'rowSpacing', 'rspace', 'scriptlevel', 'separator', 'stretchy', 'style', 'viewBox', 'voffset', 'width', 'x1', 'x2',
  'xmlns', 'y1', 'y2',
])

/** Removes everything that is not known. */
export function seal(): (tree: Root) => void {
  return (tree) => {
    tree.children = tree.children.flatMap((child) => kept(child, false)).map(paragraph)
  }
}

/** A block of HTML has become text without a paragraph of its own. */
function paragraph(node: RootContent): RootContent {
  if (node.type !== 'text' || node.value.trim() === '') return node
  return { type: 'element', tagName: 'p', properties: {}, children: [node] }
}

function kept<N extends Nodes>(node: N, formula: boolean): N[] {
  if (node.type === 'text') return [node]
  // A way back to a place in the page leads nowhere here.
  if (node.type !== 'element' || 'dataFootnoteBackref' in node.properties) return []
  clean(node, formula)
  return [node]
}

function clean(node: Element, within: boolean): void {
  const formula = within || isFormula(node)
  const known = PROSE.has(node.tagName) || (formula && FORMULA.has(node.tagName))
  if (!known) {
    // The words of an unknown element stay, the element does not.
    node.tagName = 'span'
    node.properties = {}
  }
  node.properties = properties(node, formula)
  node.children = node.children.flatMap((child) => kept(child, formula))
}

function isFormula(node: Element): boolean {
  const names = node.properties.className
  return Array.isArray(names) && names.some((name) => name === 'katex' || name === 'katex-display' || name === 'katex-error')
}

function properties(node: Element, formula: boolean): Properties {
  const allowed = formula ? FORMULA_KEPT : PROSE_KEPT
  const entries = Object.entries(node.properties).filter(([name, value]) => {
    if (!allowed.has(name)) return false
    if (name === 'href') return node.tagName === 'a'
    if (name === 'src') return node.tagName === 'img'
    return name !== 'style' || (typeof value === 'string' && !/url|image|expression|\\/i.test(value))
  })
  return Object.fromEntries(entries)
}
