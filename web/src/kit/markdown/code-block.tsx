// A block of code: its language, Copy, and the code itself in a box that scrolls sideways.
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { copyText } from '@lib/clipboard'
import type { Token } from './highlight'
import { words } from './words'

/** Code with its language. `open` while more of it is still coming. */
export function CodeBlock({ code, language, open }: { code: string; language: string; open: boolean }) {
  const lines = useHighlight(code, language, open)
  return (
    <figure className="markdown-code" aria-label={words.codeBlock(language)}>
      <figcaption>
        <span>{language === '' ? words.plainCode : language}</span>
        <CopyButton text={code} label={words.copyCode(language)} />
      </figcaption>
      {/* Scrolls sideways, so it must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0}>
        <code>{lines === undefined ? code : lines.map((line, index) => <Line key={index} tokens={line} last={index === lines.length - 1} />)}</code>
      </pre>
    </figure>
  )
}

function Line({ tokens, last }: { tokens: readonly Token[]; last: boolean }) {
  return (
    <>
      {tokens.map((token, index) =>
        token.color === undefined && !token.italic ? (
          token.text
        ) : (
          <span key={index} style={{ color: token.color, fontStyle: token.italic ? 'italic' : undefined }}>
            {token.text}
          </span>
        ),
      )}
      {last ? '' : '\n'}
    </>
  )
}

/** Colours come a moment later and change no size. While code is still coming it stays in one colour. */
function useHighlight(code: string, language: string, open: boolean): readonly (readonly Token[])[] | undefined {
  const [done, setDone] = useState<{ of: string; lines: readonly (readonly Token[])[] }>()
  const wanted = !open && language !== ''
  useEffect(() => {
    if (!wanted) return undefined
    let current = true
    void import('./highlight')
      .then(({ highlight }) => highlight(code, language))
      .then((lines) => {
        if (current && lines !== undefined) setDone({ of: `${language}\n${code}`, lines })
      })
      .catch(() => undefined)
    return () => {
      current = false
    }
  }, [code, language, wanted])
  return done?.of === `${language}\n${code}` ? done.lines : undefined
}

/** Copies a text and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <button
      type="button"
      className="markdown-copy"
      aria-label={copied ? words.copied : label}
      onClick={() => void copyText(text).then(setCopied)}
    >
      {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      <span>{copied ? words.copied : words.copy}</span>
    </button>
  )
}
