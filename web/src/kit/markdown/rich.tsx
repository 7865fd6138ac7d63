// Markdown as elements, by Streamdown: unfinished marks are closed while text streams, finished blocks are not touched
// again. Loaded when the first text needs it.
import type { ReactNode } from 'react'
import { useMemo, useSyncExternalStore } from 'react'
import type { Components } from 'streamdown'
import { Streamdown, defaultRemarkPlugins, useIsCodeFenceIncomplete } from 'streamdown'
import { CodeBlock } from './code-block'
import { formulas, hasFormula, withFormulas } from './formulas'
import { TextLink, TextPicture } from './outside'
import { seal } from './seal'
import { words } from './words'

function Fence({ className, children }: { className: string | undefined; children: ReactNode }) {
  const open = useIsCodeFenceIncomplete()
  const language = /language-(\S+)/.exec(className ?? '')?.[1] ?? ''
  return <CodeBlock code={plainText(children).replace(/\n$/, '')} language={language} open={open} />
}

function plainText(node: ReactNode): string {
  if (typeof node === 'string') return node
  if (Array.isArray(node)) return node.map(plainText).join('')
  return ''
}

function Table({ children }: { children: ReactNode }) {
  return (
    // Scrolls sideways, so it must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="markdown-table" role="group" aria-label={words.table} tabIndex={0}>
      <table>{children}</table>
    </div>
  )
}

/** The box of a task list item, as words: nothing here can be ticked. */
function Tick({ done }: { done: boolean }) {
  return (
    <>
      <span aria-hidden className="markdown-tick">{done ? '☑' : '☐'}</span>
      <span className="sr-only">{done ? words.taskDone : words.taskOpen}</span>
    </>
  )
}

/** Every element that can occur, so that none of Streamdown's own (with downloads, dialogs, fetching) is used. */
const ELEMENTS: Components = {
  a: ({ href, children }) => <TextLink href={href}>{children}</TextLink>,
  img: ({ src, alt }) => <TextPicture src={typeof src === 'string' ? src : undefined} alt={alt} />,
  code: ({ className, children }) => <Fence className={className}>{children}</Fence>,
  inlineCode: ({ children }) => <code dir="ltr">{children}</code>,
  input: ({ checked }) => <Tick done={checked === true} />,
  table: ({ children }) => <Table>{children}</Table>,
  // The title of the page is the only first one; texts begin with `#` or `##` as they like.
  h1: ({ children }) => <h2 className="markdown-h1">{children}</h2>,
  h2: 'h2',
  h3: 'h3',
  h4: 'h4',
  h5: 'h5',
  h6: 'h6',
  p: 'p',
  ol: 'ol',
  ul: 'ul',
  li: 'li',
  hr: 'hr',
  strong: 'strong',
  blockquote: 'blockquote',
  thead: 'thead',
  tbody: 'tbody',
  tr: 'tr',
  th: 'th',
  td: 'td',
  sup: 'sup',
  sub: 'sub',
  section: 'section',
}

const REMARK = Object.values(defaultRemarkPlugins)
const SEALED = [seal]

/** Renders Markdown. */
export function Rich({ text: given, streaming }: { text: string; streaming: boolean }) {
  const text = useMemo(() => withFormulas(given), [given])
  const wanted = hasFormula(text)
  const plugins = useSyncExternalStore(formulas.subscribe, formulas.loaded)
  if (wanted && plugins === undefined) formulas.load()
  const math = wanted ? plugins : undefined
  return (
    <Streamdown
      key={math === undefined ? 'prose' : 'formulas'}
      className="markdown"
      components={ELEMENTS}
      controls={false}
      isAnimating={streaming}
      parseIncompleteMarkdown={streaming}
      remarkPlugins={math === undefined ? REMARK : [...REMARK, math.remark]}
      rehypePlugins={math === undefined ? SEALED : [math.rehype, seal]}
      linkSafety={OFF}
      dir="auto"
    >
      {text}
    </Streamdown>
  )
}

const OFF = { enabled: false }
