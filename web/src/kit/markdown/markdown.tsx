// Markdown for reading: `Markdown` shows a text at once, in plain form until the renderer is there, and never loads
// anything the text names. Links and pictures are in `outside.tsx`.
import { Suspense, lazy, memo, useDeferredValue, useMemo } from 'react'
import { SurroundingsProvider } from './context'
import './markdown.css'
import { isPlain, paragraphs } from './plain'

const loadRich = () => import('./rich')
const Rich = lazy(() => loadRich().then((module) => ({ default: module.Rich })))

/** Loads the renderer ahead of its first use. */
export function preloadMarkdown(): void {
  // The renderer is asked for again when it is needed.
  loadRich().catch(() => undefined)
}

export interface MarkdownProps {
  text: string
  /** Whether more of the text is still coming. */
  streaming?: boolean
  /** Opens a file of the task that a link of the text names by its path. */
  onLink?: ((path: string) => void) | undefined
  /** The address on this server of a picture that the text names by its path, if there is one. */
  picture?: ((path: string) => string | undefined) | undefined
}

export const Markdown = memo(function Markdown({ text, streaming = false, ...around }: MarkdownProps) {
  // Streaming text gives way to whatever the reader does meanwhile.
  const deferred = useDeferredValue(text)
  return <Shown text={streaming ? deferred : text} streaming={streaming} {...around} />
})

/** Apart from the text that is still to come, so that a new piece of it draws once and not twice. */
const Shown = memo(function Shown({ text, streaming, onLink, picture }: MarkdownProps & { streaming: boolean }) {
  const around = useMemo(() => ({ onLink, picture }), [onLink, picture])
  if (isPlain(text)) return <Plain text={text} />
  return (
    <SurroundingsProvider value={around}>
      <Suspense fallback={<div className="markdown whitespace-pre-wrap">{text}</div>}>
        <Rich text={text} streaming={streaming} />
      </Suspense>
    </SurroundingsProvider>
  )
})

function Plain({ text }: { text: string }) {
  return (
    <div className="markdown">
      {paragraphs(text).map((paragraph, index) => (
        <Paragraph key={index} text={paragraph} />
      ))}
    </div>
  )
}

const Paragraph = memo(function Paragraph({ text }: { text: string }) {
  return <p dir="auto">{text}</p>
})
