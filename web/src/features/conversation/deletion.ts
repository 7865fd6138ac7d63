// Which files a deletion is about. A command is only taken at its word where all of it is understood; otherwise the card
// names the folders in which it may delete.
import { fields } from '@lib/decode'
import type { Approval } from '@api'
import { commandOf } from './calls'

/** What an approval would delete. */
export type Deletion =
  | { readonly known: true; readonly paths: readonly string[] }
  | { readonly known: false; readonly places: readonly string[] }

/** What the call of an approval deletes; none where it deletes nothing. */
export function deletionOf(approval: Pick<Approval, 'effects' | 'tool' | 'input'>): Deletion | undefined {
  const places = approval.effects.flatMap((effect) => (effect.type === 'delete_path' ? [effect.data] : []))
  if (places.length === 0) return undefined
  const command = commandOf({ tool: approval.tool, input: fields(approval.input) })
  if (command === undefined) return { known: true, paths: places }
  const paths = deletedBy(command)
  return paths === undefined ? { known: false, places } : { known: true, paths }
}

/** The files a command removes, if it does nothing else and every name stands in it; none where that is not certain. */
export function deletedBy(command: string): readonly string[] | undefined {
  const commands = split(command)
  if (commands === undefined || commands.length === 0) return undefined
  const paths: string[] = []
  for (const [name, ...rest] of commands) {
    const named = name === undefined ? undefined : removed(name, rest)
    if (named === undefined) return undefined
    paths.push(...named)
  }
  return paths.length === 0 ? undefined : [...new Set(paths)]
}

function removed(name: string, rest: readonly string[]): readonly string[] | undefined {
  if (name !== 'rm' && name !== 'unlink' && name !== 'rmdir') return undefined
  const end = rest.indexOf('--')
  const before = end < 0 ? rest : rest.slice(0, end)
  const after = end < 0 ? [] : rest.slice(end + 1)
  const options = before.filter((word) => word.startsWith('-') && word !== '-')
  // What stands in a folder that is removed whole is not named in the command.
  const harmless = options.every((option) => /^-[fiv]+$/.test(option) || option === '--force' || option === '--verbose')
  if (!harmless) return undefined
  const paths = [...before.filter((word) => !options.includes(word)), ...after]
  return paths.length === 0 ? undefined : paths
}

/** Commands and their words, where the text holds nothing that a shell would expand, join or redirect. */
function split(command: string): string[][] | undefined {
  const commands: string[][] = []
  let words: string[] = []
  let word: string | undefined
  let index = 0
  const endWord = () => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  const endCommand = () => {
    endWord()
    if (words.length > 0) commands.push(words)
    words = []
  }
  while (index < command.length) {
    const character = command.charAt(index)
    if (character === "'" || character === '"') {
      const close = command.indexOf(character, index + 1)
      if (close < 0) return undefined
      const quoted = command.slice(index + 1, close)
      if (character === '"' && /[$`\\!]/.test(quoted)) return undefined
      word = (word ?? '') + quoted
      index = close
    } else if (character === '\\') {
      const next = command.charAt(index + 1)
      if (next === '' || next === '\n') return undefined
      word = (word ?? '') + next
      index += 1
    } else if (character === ' ' || character === '\t') {
      endWord()
    } else if (character === '\n' || character === ';') {
      endCommand()
    } else if (command.startsWith('&&', index)) {
      endCommand()
      index += 1
    } else if (/[*?[\]{}$`~|&<>()#!=^]/.test(character)) {
      return undefined
    } else {
      word = (word ?? '') + character
    }
    index += 1
  }
  endCommand()
  return commands
}
