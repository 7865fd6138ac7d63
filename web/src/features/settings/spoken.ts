// The server's facts in plain words: what a standing permission allows, what a readiness check is about.
import type { Effect } from '@api'
import { words } from './words'

/** How a standing permission names its folder; the reader sees the folder itself. */
const PLACE = /^\/work\/?/

/** What a standing permission allows. `/work` stands for its folder. */
export function allowed(effect: Effect): string {
  const say = words.allows
  switch (effect.type) {
    case 'read_path':
    case 'write_path':
    case 'delete_path':
      return say[effect.type](effect.data.replace(PLACE, ''))
    case 'send':
      return say.send(effect.data.tool, effect.data.connector)
    case 'run':
    case 'connect':
    case 'browse':
    case 'control':
    case 'schedule':
    case 'remember':
      return say[effect.type](effect.data)
  }
}

/** A readiness check's name for people. */
export function checkName(name: string): string {
  const known: Readonly<Record<string, string>> = words.readiness.names
  const sandbox = /^sandbox \((\w+)\)$/.exec(name)?.[1]
  if (sandbox === 'vm' || sandbox === 'namespace') return words.readiness.sandbox[sandbox]
  if (name === 'stronger sandbox (vm)') return words.readiness.stronger
  const log = /^log of (\S+)$/.exec(name)?.[1]
  if (log !== undefined) return words.readiness.log(log)
  return known[name] ?? name
}

/** What Copy copies of a next step: the command in backticks, or after `install it: `; else the whole sentence. */
export function copied(hint: string): string {
  return /`([^`]+)`/.exec(hint)?.[1] ?? /^[a-z ]{2,24}: (.+)$/.exec(hint)?.[1] ?? hint
}
