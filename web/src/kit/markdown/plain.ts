// Text that needs no Markdown at all: most narration. It is shown at once, without the renderer.

/** What could mean something to Markdown anywhere in a text. */
const ANYWHERE = /[*_`[\]<>|~\\]|\$[^\s$][^$\n]*\$|\$\$|&#?\w+;|https?:|www\.|\S@\S/
/** What means something at the beginning of a line. */
const AT_LINE_START = /^(?: {4}|\t| {0,3}(?:#{1,6}(?:\s|$)|[-+]\s|\d{1,9}[.)]\s|={2,}\s*$|-{2,}\s*$))/m

/** The last text found to be plain. A text that streams in only grows, so what it was is not looked through again. */
let known = ''

/** Whether a text reads the same with and without Markdown. */
export function isPlain(text: string): boolean {
  // Nothing that means something goes over the end of a line.
  const fresh = text.startsWith(known) ? text.slice(known.lastIndexOf('\n') + 1) : text
  const plain = !ANYWHERE.test(fresh) && !AT_LINE_START.test(fresh)
  if (plain) known = text
  return plain
}

/** The paragraphs of a plain text. */
export function paragraphs(text: string): string[] {
  return text.split(/\n[ \t]*\n\s*/).map((part) => part.trim()).filter((part) => part !== '')
}
