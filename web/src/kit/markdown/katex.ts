// The formula part of the Markdown view, apart because of its size. KaTeX writes HTML; it is read by the same parser as
// everything else here and not by the browser's, which would complain about each inline style under the page's policy.
import { createMathPlugin } from '@streamdown/math'
import type { Element, ElementContent, Root, RootContent } from 'hast'
import { fromHtml } from 'hast-util-from-html'
import katex from 'katex'
import 'katex/dist/katex.min.css'
import type { FormulaPlugins } from './formulas'

/** `trust` stays off (no addresses, no pictures); sizes and expansions are bounded so that a formula cannot fill the page. */
const SETTINGS = { errorColor: 'var(--bad)', trust: false, maxSize: 20, maxExpand: 200, strict: 'ignore' as const, throwOnError: false }

/** Replaces the formulas of a tree by what KaTeX makes of them. */
function typeset(): (tree: Root) => void {
  return (tree) => {
    tree.children = tree.children.flatMap((child): RootContent[] => (child.type === 'element' ? formula(child) : [child]))
  }
}

function formula(element: Element): ElementContent[] {
  const only = element.children[0]
  // Formulas in lines of their own come as code in a `pre`.
  const code = element.tagName === 'pre' && element.children.length === 1 && only?.type === 'element' ? only : element
  const classes = code.properties.className
  const has = (name: string) => Array.isArray(classes) && classes.includes(name)
  if (code.tagName === 'code' && (has('language-math') || has('math-inline') || has('math-display'))) {
    return html(textOf(code), code !== element || has('math-display'))
  }
  element.children = element.children.flatMap((child) => (child.type === 'element' ? formula(child) : [child]))
  return [element]
}

function html(source: string, displayMode: boolean): ElementContent[] {
  let text: string
  try {
    text = katex.renderToString(source, { ...SETTINGS, displayMode })
  } catch {
    return [{ type: 'element', tagName: 'code', properties: {}, children: [{ type: 'text', value: source }] }]
  }
  return fromHtml(text, { fragment: true }).children.filter((child) => child.type !== 'doctype')
}

function textOf(node: ElementContent): string {
  if (node.type === 'text') return node.value
  return node.type === 'element' ? node.children.map(textOf).join('') : ''
}

export const plugins: FormulaPlugins = { remark: createMathPlugin().remarkPlugin, rehype: typeset }
