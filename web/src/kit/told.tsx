// A sentence of the server: what stands in backticks is a value and is shown as it is written.
import { sentence } from '@lib/format'

/** The text without its backticks, for where only plain text can be: a title, a screen reader. */
export function untick(text: string): string {
  return text.replaceAll('`', '')
}

/** The text with its values as code, beginning with a capital. */
export function Told({ text }: { text: string }) {
  return sentence(text)
    .split('`')
    .map((part, place) =>
      place % 2 === 1 ? (
        <code key={place} className="break-all">
          {part}
        </code>
      ) : (
        part
      ),
    )
}
