// Paths as a text names them, and as the task knows them.

/** The path a text means: absolute ones as they are, all others beneath the place where the task starts. */
export function resolvePath(path: string, start: string): string {
  const bare = path.replace(/[?#].*$/, '')
  const whole = bare.startsWith('/') ? bare : `${start.replace(/\/+$/, '')}/${bare}`
  const parts: string[] = []
  for (const part of whole.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** A path as people say it: the granted folder first, without the place where the task mounts it. */
export function spokenPath(path: string): string {
  return path.replace(/^\/work\//, '').replace(/^\/outputs\//, '')
}
