// Which commands fit what was typed: every word must begin a word of the title or its group.
import type { PaletteCommand } from './command'

function parts(text: string): string[] {
  return text.toLowerCase().split(/[^\p{Letter}\p{Number}]+/u).filter((part) => part !== '')
}

/** The commands that fit, in their order; all of them where nothing was typed. */
export function matching(commands: readonly PaletteCommand[], text: string): PaletteCommand[] {
  const typed = parts(text)
  return commands.filter((command) => {
    const said = parts(`${command.title} ${command.group}`)
    return typed.every((part) => said.some((word) => word.startsWith(part)))
  })
}

/** Commands under their groups, in the order in which the groups first appear. */
export function grouped(commands: readonly PaletteCommand[]): [string, PaletteCommand[]][] {
  const groups = new Map<string, PaletteCommand[]>()
  for (const command of commands) {
    const group = groups.get(command.group)
    if (group === undefined) groups.set(command.group, [command])
    else group.push(command)
  }
  return [...groups]
}
