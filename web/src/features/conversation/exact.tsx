// Text exactly as it is, with what is invisible written out and marked; and long text that opens on request.
import { Button, cx } from '@kit'
import { useMemo } from 'react'
import { segments } from '@lib/visible'
import { beginning } from './beginning'
import { useKeptFlag } from './session'
import { words } from './words'

/**
 * Text as it is: nothing in it hides or overprints anything. `strict` keeps the letters in the order they have in the text
 * too, whatever their script; for what the reader decides about.
 */
export function Exact({ text, strict = false }: { text: string; strict?: boolean }) {
  const runs = useMemo(() => segments(text, 'keep'), [text])
  // There is no utility for the order of letters.
  return (
    <span dir="ltr" className={strict ? '[unicode-bidi:isolate-override]' : '[unicode-bidi:isolate]'}>
      {runs.map((run, index) =>
        run.hidden ? (
          <mark key={index} className="rounded-s bg-warn-tint text-warn">
            {run.text}
          </mark>
        ) : (
          run.text
        ),
      )}
    </span>
  )
}

/** A block of text in the mono face, folded to its beginning. `open` shows all of it. */
export function TextBlock({ name, label, text, open, tone = 'plain' }: { name: string; label: string; text: string; open: boolean; tone?: 'plain' | 'bad' }) {
  const [whole, setWhole] = useKeptFlag(`whole.${name}`, false)
  const all = whole || open
  const shown = all ? text : beginning(text)
  return (
    <div className="flex flex-col items-start gap-1">
      {/* Scrolls, so it must be reachable by keyboard. */}
      <pre
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="group"
        aria-label={label}
        data-find
        className={cx(
          'max-h-96 w-full overflow-auto rounded-m px-3 py-2 text-s break-words whitespace-pre-wrap',
          tone === 'bad' ? 'bg-bad-tint' : 'bg-side',
        )}
      >
        <Exact text={shown} />
      </pre>
      {shown.length < text.length || whole ? (
        <Button size="s" variant="quiet" onClick={() => setWhole(!whole)}>
          {whole ? words.showLess : words.showWhole(text.length)}
        </Button>
      ) : null}
    </div>
  )
}
