// Formulas: KaTeX and its fonts come when the first formula does.
import type { Pluggable } from 'unified'

/** What the parser needs for formulas. */
export interface FormulaPlugins {
  readonly remark: Pluggable
  readonly rehype: Pluggable
}

/** Code, in which nothing is a formula; then the ways to write one: `\(…\)`, `\[…\]` and `$…$`. */
const WRITTEN = /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`|\$\$)|\\\((.+?)\\\)|\\\[([\s\S]+?)\\\]|\$(?![\s$])([^$\n]*[^\s$\\])\$(?!\d)/g

/** Between single `$` only this is a formula; anything else is money. */
const MATHY = /[\\^_=<>]|^[a-zA-Z]$/

/** The text with every formula between `$$`, the one form the parser takes. */
export function withFormulas(text: string): string {
  if (!/[$]|\\[([]/.test(text)) return text
  return text.replace(WRITTEN, (whole: string, code?: string, round?: string, square?: string, dollars?: string) => {
    if (code !== undefined) return whole
    if (square !== undefined) return `\n\n$$\n${square.trim()}\n$$\n\n`
    const inline = round ?? dollars ?? ''
    return round !== undefined || MATHY.test(inline) ? `$$${inline}$$` : whole
  })
}

/** Whether a text holds a formula, in the form [`withFormulas`] gives. */
export function hasFormula(text: string): boolean {
  return text.includes('$$')
}

let plugins: FormulaPlugins | undefined
let loading = false
const listeners = new Set<() => void>()

export const formulas = {
  loaded: (): FormulaPlugins | undefined => plugins,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  /** Begins loading, once. */
  load(): void {
    if (loading) return
    loading = true
    import('./katex').then(
      (module) => {
        plugins = module.plugins
        listeners.forEach((listener) => listener())
      },
      () => {
        // The text stays as it was written; the next one tries again.
        loading = false
      },
    )
  },
}
