// The slash menu's rules: where a command is being typed, which commands fit, and what is left of the text afterwards.

/** A command that can be chosen by typing. */
export interface SlashCommand {
  /** Without the slash, lower case, such as `mode ask`. */
  readonly name: string
  /** What it does. */
  readonly says: string
  readonly run: () => void
}

/** The piece of text that may be a command. */
export interface Slash {
  /** Where the slash is. */
  readonly start: number
  /** One past the last letter. */
  readonly end: number
  /** What was typed after the slash, lower case. */
  readonly query: string
}

/** Letters of a command, with at most one space between two words. */
const QUERY = /^[a-z]*(?: [a-z]*)?$/i

/** The command being typed at the caret: a slash at the start, or after a space or a new line. */
export function slashAt(text: string, caret: number): Slash | undefined {
  const start = caret < 1 ? -1 : text.lastIndexOf('/', caret - 1)
  if (start < 0) return undefined
  const before = text.charAt(start - 1)
  if (before !== '' && !/\s/.test(before)) return undefined
  const typed = text.slice(start + 1, caret)
  return QUERY.test(typed) ? { start, end: caret, query: typed.toLowerCase() } : undefined
}

/** The commands that fit, those whose name begins with what was typed before those where a later word does. */
export function fitting(commands: readonly SlashCommand[], query: string): readonly SlashCommand[] {
  const first = commands.filter((it) => it.name.startsWith(query))
  if (query === '' || query.includes(' ')) return first
  const later = commands.filter((it) => !first.includes(it) && ` ${it.name} ${it.says.toLowerCase()}`.includes(` ${query}`))
  return [...first, ...later]
}

/** The text without the command, and where the caret belongs then. */
export function without(text: string, slash: Slash): { readonly text: string; readonly caret: number } {
  const before = text.slice(0, slash.start)
  const after = text.slice(slash.end)
  const rest = /\s$/.test(before) || before === '' ? after.replace(/^ /, '') : after
  return { text: before + rest, caret: before.length }
}
