// Making text safe to look at: nothing in it may hide, reorder or overprint what stands beside it. The table of hidden
// characters is the one of the daemon (`crates/view/src/visible.rs`), so that every door shows the same.

/** What becomes of line breaks and tabs: they stay, or they are written out. */
export type Lines = 'keep' | 'escape'

/** A run of text that is either as it was or stands for something hidden. */
export interface Segment {
  readonly text: string
  readonly hidden: boolean
}

/** Code points that show nothing or change how their neighbours are shown; pairs of first and last. */
const HIDDEN: readonly (readonly [number, number])[] = [
  [0x00, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x34f, 0x34f], [0x600, 0x605], [0x61c, 0x61c], [0x6dd, 0x6dd],
  [0x70f, 0x70f], [0x115f, 0x1160], [0x17b4, 0x17b5], [0x180b, 0x180f], [0x200b, 0x200f], [0x2028, 0x202e],
  [0x2060, 0x206f], [0x2800, 0x2800], [0x3164, 0x3164], [0xd800, 0xdfff], [0xe000, 0xf8ff], [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff0, 0xfffb], [0x1bca0, 0x1bca3], [0x1d173, 0x1d17a], [0xe0000, 0xe0fff],
  [0xf0000, 0x10ffff],
]

function isHidden(code: number): boolean {
  return HIDDEN.some(([first, last]) => code >= first && code <= last)
}

/** How a hidden character is written: a control picture for the old controls, its number for all others. */
function picture(code: number): string {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '␡'
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

/** The text in runs, with every hidden character written out as a run of its own kind. */
export function segments(text: string, lines: Lines): Segment[] {
  const runs: Segment[] = []
  let plain = ''
  let hidden = ''
  const close = () => {
    if (plain !== '') runs.push({ text: plain, hidden: false })
    if (hidden !== '') runs.push({ text: hidden, hidden: true })
    plain = ''
    hidden = ''
  }
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const stays = lines === 'keep' && (character === '\n' || character === '\t')
    if (!stays && isHidden(code)) {
      if (plain !== '') close()
      hidden += picture(code)
    } else {
      if (hidden !== '') close()
      plain += character
    }
  }
  close()
  return runs
}

/** The text with every hidden character written out. */
export function visible(text: string, lines: Lines): string {
  return segments(text, lines).map((run) => run.text).join('')
}

/** The text without the colour codes of terminals; everything else of it stays. */
export function withoutColours(text: string): string {
  return text.replace(/\u001b\[[0-9;:]*m/g, '')
}
