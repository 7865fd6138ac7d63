// Which slash commands there are: for a new task, and for a message in a running one.
import type { Mode, TaskState } from '@api'
import { keysOf } from '@lib/decode'
import type { SlashCommand } from './slash'
import { MODES, SLASH } from './words'

/** What opens over the composer. */
export type Opening = 'folder' | 'model' | 'effort' | 'limits' | 'instructions'

interface Both {
  readonly open: (opening: Opening) => void
  readonly attach: () => void
  readonly mode: (mode: Mode) => void
  /** Whether the model can be told how hard to try. */
  readonly efforts: boolean
}

export interface NewTaskActs extends Both {
  readonly example: () => void
}

export interface SteerActs extends Both {
  readonly stop: () => void
  readonly pause: () => void
  readonly resume: () => void
  readonly save: () => void
  /** Where the page has them. */
  readonly undo: (() => void) | undefined
  readonly find: (() => void) | undefined
}

export function newTaskCommands(acts: NewTaskActs): readonly SlashCommand[] {
  return [
    { name: 'attach', says: SLASH.attach, run: acts.attach },
    { name: 'folder', says: SLASH.folder, run: () => acts.open('folder') },
    ...choices(acts),
    { name: 'example', says: SLASH.example, run: acts.example },
    ...setup(acts),
  ]
}

/** In a task: only what can be done in its state. */
export function steerCommands(state: TaskState, acts: SteerActs): readonly SlashCommand[] {
  const runs = state === 'working' || state === 'needs_you'
  const list: SlashCommand[] = []
  if (runs) list.push({ name: 'stop', says: SLASH.stop, run: acts.stop }, { name: 'pause', says: SLASH.pause, run: acts.pause })
  if (state === 'paused') list.push({ name: 'resume', says: SLASH.resume, run: acts.resume }, { name: 'stop', says: SLASH.stop, run: acts.stop })
  list.push({ name: 'attach', says: SLASH.attach, run: acts.attach })
  list.push({ name: 'folder', says: SLASH.addFolder, run: () => acts.open('folder') })
  if (acts.undo !== undefined) list.push({ name: 'undo', says: SLASH.undo, run: acts.undo })
  if (acts.find !== undefined) list.push({ name: 'find', says: SLASH.find, run: acts.find })
  list.push({ name: 'export', says: SLASH.export, run: acts.save })
  return [...list, ...choices(acts), ...setup(acts)]
}

function choices(acts: Both): readonly SlashCommand[] {
  const modes = keysOf(MODES).map((mode) => ({ name: `mode ${mode}`, says: MODES[mode].says, run: () => acts.mode(mode) }))
  const model = { name: 'model', says: SLASH.model, run: () => acts.open('model') }
  const effort = { name: 'effort', says: SLASH.effort, run: () => acts.open('effort') }
  return [...modes, model, ...(acts.efforts ? [effort] : [])]
}

function setup(acts: Both): readonly SlashCommand[] {
  return [
    { name: 'limits', says: SLASH.limits, run: () => acts.open('limits') },
    { name: 'instructions', says: SLASH.instructions, run: () => acts.open('instructions') },
  ]
}
