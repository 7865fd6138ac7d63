// Colours for code: some thirty languages, each loaded when it is first met. The colours are the tokens of the window, so that
// light and dark need no second pass.
import { createBundledHighlighter, createCssVariablesTheme } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'

/** A piece of a line in one colour. */
export interface Token {
  readonly text: string
  readonly color: string | undefined
  readonly italic: boolean
}

/** Characters above which code stays without colours. */
const LONGEST = 40_000

const LANGUAGES = {
  bash: () => import('shiki/langs/bash.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  csharp: () => import('shiki/langs/csharp.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
  docker: () => import('shiki/langs/docker.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  ini: () => import('shiki/langs/ini.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  kotlin: () => import('shiki/langs/kotlin.mjs'),
  latex: () => import('shiki/langs/latex.mjs'),
  lua: () => import('shiki/langs/lua.mjs'),
  make: () => import('shiki/langs/make.mjs'),
  markdown: () => import('shiki/langs/markdown.mjs'),
  php: () => import('shiki/langs/php.mjs'),
  powershell: () => import('shiki/langs/powershell.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  r: () => import('shiki/langs/r.mjs'),
  ruby: () => import('shiki/langs/ruby.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  swift: () => import('shiki/langs/swift.mjs'),
  toml: () => import('shiki/langs/toml.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  xml: () => import('shiki/langs/xml.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
}

type Language = keyof typeof LANGUAGES

const ALSO: Readonly<Record<string, Language>> = {
  'c#': 'csharp', 'c++': 'c', cpp: 'c', cs: 'csharp', console: 'bash', dockerfile: 'docker', htm: 'html', js: 'javascript',
  jsonc: 'json', jsx: 'tsx', kt: 'kotlin', makefile: 'make', md: 'markdown', mjs: 'javascript', patch: 'diff', ps1: 'powershell',
  py: 'python', rb: 'ruby', rs: 'rust', sh: 'bash', shell: 'bash', svg: 'xml', tex: 'latex', ts: 'tsx', typescript: 'tsx',
  yml: 'yaml', zsh: 'bash',
}

function isLanguage(name: string): name is Language {
  return Object.hasOwn(LANGUAGES, name)
}

function known(name: string): Language | undefined {
  const lower = name.toLowerCase()
  return isLanguage(lower) ? lower : ALSO[lower]
}

const theme = createCssVariablesTheme({ name: 'deskhand', variablePrefix: '--code-', fontStyle: true })

const createHighlighter = createBundledHighlighter({
  langs: LANGUAGES,
  themes: { deskhand: () => Promise.resolve({ default: theme }) },
  engine: () => createJavaScriptRegexEngine({ forgiving: true }),
})

type Highlighter = Awaited<ReturnType<typeof createHighlighter>>
let highlighter: Promise<Highlighter> | undefined

/** The lines of a code in colours; none where the language is unknown or the code too long. */
export async function highlight(code: string, language: string): Promise<Token[][] | undefined> {
  const lang = known(language)
  if (lang === undefined || code.length > LONGEST) return undefined
  highlighter ??= createHighlighter({ themes: ['deskhand'], langs: [] })
  const ready = await highlighter
  await ready.loadLanguage(lang)
  const { tokens } = ready.codeToTokens(code, { lang, theme: 'deskhand' })
  return tokens.map((line) =>
    line.map((token) => ({ text: token.content, color: token.color, italic: ((token.fontStyle ?? 0) & 1) === 1 })),
  )
}
