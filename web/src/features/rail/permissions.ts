// Permissions in plain words: what was allowed, and how far.
import { baseName } from '@lib/format'
import type { Effect, Grant, Scope } from '@api'

/** `Run commands: pytest`, `Change files in Reports`. An empty subject stands for every one of its kind. */
export function allowed(effect: Effect): string {
  switch (effect.type) {
    case 'read_path':
      return effect.data === '' ? 'Read any file of this task' : `Read ${placed(effect.data)}`
    case 'write_path':
      return effect.data === '' ? 'Change any file of this task' : `Change ${placed(effect.data)}`
    case 'delete_path':
      return effect.data === '' ? 'Delete any file of this task' : `Delete ${placed(effect.data)}`
    case 'run':
      return effect.data === '' ? 'Run any command in the sandbox' : `Run “${effect.data}” in the sandbox`
    case 'connect':
      return effect.data === '' ? 'Reach any host on the network' : `Reach ${effect.data}`
    case 'send':
      return sent(effect.data.connector, effect.data.tool)
    case 'browse':
      return effect.data === '' ? 'Act on any web site' : `Act on ${effect.data}`
    case 'control':
      return effect.data === '' ? 'Control any application' : `Control ${effect.data}`
    case 'schedule':
      return effect.data === '' ? 'Make or change any schedule' : `Make or change the schedule “${effect.data}”`
    case 'remember':
      return effect.data === '' ? 'Write to any memory' : `Write to the memory “${effect.data}”`
  }
}

function sent(connector: string, tool: string): string {
  if (connector === '') return 'Use any connector'
  return tool === '' ? `Use everything of ${connector}` : `Use ${tool} of ${connector}`
}

/** `/work/Reports` is a granted folder; beneath it the path is said from the folder on. */
function placed(path: string): string {
  if (path === '/work') return 'files in every folder'
  if (path === '/outputs') return 'produced files'
  if (path === '/uploads') return 'attached files'
  const work = path.startsWith('/work/') ? path.slice('/work/'.length) : undefined
  if (work !== undefined) return work.includes('/') ? work : `files in ${work}`
  return baseName(path) === path ? path : path.replace(/^\//, '')
}

/** How far a permission reaches, as the end of a sentence. */
export function reach(scope: Scope): string {
  switch (scope) {
    case 'once':
      return 'once'
    case 'task':
      return 'in this task'
    case 'folder':
      return 'in this folder, later tasks too'
    case 'always':
      return 'always'
  }
}

/** A permission as one sentence. */
export function sentence(grant: Grant): string {
  return `${allowed(grant.allows)}, ${reach(grant.scope)}`
}
