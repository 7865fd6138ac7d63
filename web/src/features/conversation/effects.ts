// What a call does, in plain words: the title of an approval and its list of effects.
import type { Approval, Effect } from '@api'
import { textField } from '@lib/decode'
import { baseName, counted } from '@lib/format'
import { visible } from '@lib/visible'
import type { Deletion } from './deletion'

/** An effect as a sentence. */
export function effectWords(effect: Effect): string {
  switch (effect.type) {
    case 'read_path':
      return `Reads ${shown(effect.data)}`
    case 'write_path':
      return `Changes ${shown(effect.data)}; Undo brings the old content back`
    case 'delete_path':
      return `Deletes ${shown(effect.data)}; Undo brings it back`
    case 'run':
      return 'Runs a command in the sandbox, in this task’s folders only; what it deletes or connects to asks again'
    case 'connect':
      return `Connects to ${shown(effect.data)}`
    case 'send':
      return `Uses ${shown(effect.data.tool)} of the connector ${shown(effect.data.connector)}`
    case 'browse':
      return `Acts on the web site ${shown(effect.data)}`
    case 'control':
      return `Controls ${shown(effect.data)} on your desktop`
    case 'schedule':
      return `Makes the schedule ${shown(effect.data)}, which runs without you watching`
    case 'remember':
      return `Remembers ${shown(effect.data)} beyond this task`
  }
}

/** How grave an effect is; the gravest gives a card its title, in the order of the daemon's policy. */
function gravity(effect: Effect): number {
  switch (effect.type) {
    case 'delete_path':
      return 4
    case 'connect':
    case 'send':
    case 'browse':
    case 'control':
      return 3
    case 'run':
    case 'schedule':
    case 'remember':
      return 2
    case 'write_path':
      return 1
    case 'read_path':
      return 0
  }
}

/** The question an approval asks. */
export function approvalTitle(approval: Pick<Approval, 'effects' | 'tool' | 'input'>, deletion: Deletion | undefined): string {
  if (deletion !== undefined) return deletionTitle(deletion)
  const gravest = [...approval.effects].sort((one, other) => gravity(other) - gravity(one))[0]
  if (approval.tool === 'RequestFolder') return folderTitle(approval.input, gravest)
  if (gravest === undefined) return `Use ${shown(approval.tool)}?`
  const same = approval.effects.filter((effect) => effect.type === gravest.type)
  return titleOf(gravest, same.length)
}

function deletionTitle(deletion: Deletion): string {
  const [only, ...others] = deletion.paths
  const place = only !== undefined && others.length === 0 ? shown(baseName(only)) : undefined
  const { files } = deletion
  if (place === undefined) return `Delete ${counted(files ?? deletion.paths.length, 'file')}?`
  return files === undefined || files <= 1 ? `Delete ${place}?` : `Delete ${counted(files, 'file')} in ${place}?`
}

function folderTitle(input: unknown, effect: Effect | undefined): string {
  const path = effect?.type === 'read_path' || effect?.type === 'write_path' ? effect.data : (textField(input, 'path') ?? '')
  const verb = effect?.type === 'write_path' ? 'read and change' : 'read'
  return `Let this task ${verb} the folder ${shown(baseName(path))}?`
}

function titleOf(effect: Effect, count: number): string {
  switch (effect.type) {
    case 'read_path':
      return count === 1 ? `Read ${shown(baseName(effect.data))}?` : `Read ${counted(count, 'file')}?`
    case 'write_path':
      return count === 1 ? `Change ${shown(baseName(effect.data))}?` : `Change ${counted(count, 'file')}?`
    case 'delete_path':
      return `Delete ${shown(baseName(effect.data))}?`
    case 'run':
      return 'Run a command?'
    case 'connect':
      return count === 1 ? `Connect to ${shown(effect.data)}?` : `Connect to ${counted(count, 'host')}?`
    case 'send':
      return `Use ${shown(effect.data.tool)} of ${shown(effect.data.connector)}?`
    case 'browse':
      return `Act on ${shown(effect.data)}?`
    case 'control':
      return `Control ${shown(effect.data)}?`
    case 'schedule':
      return `Make the schedule ${shown(effect.data)}?`
    case 'remember':
      return 'Remember this beyond the task?'
  }
}

function shown(text: string): string {
  return visible(text, 'escape')
}
