// Walking through the folders of the computer Deskhand runs on: paths as they are typed, and what each key does.
import { baseName } from '@lib/format'
import { moved } from './keys'
import type { FolderListing } from '@api'

type Entry = FolderListing['folders'][number]

/** One step on the way to a folder. */
export interface Crumb {
  readonly name: string
  readonly path: string
}

/** What the two places without a name of their own are called. */
export interface Places {
  readonly home: string
  readonly root: string
}

/** The way to a folder: from the home directory where it lies in it, otherwise from the root. */
export function crumbs(path: string, home: string | undefined, places: Places): readonly Crumb[] {
  const inHome = home !== undefined && (path === home || path.startsWith(`${home}/`))
  const start: Crumb = inHome ? { name: places.home, path: home } : { name: places.root, path: '/' }
  const rest = inHome ? path.slice(home.length) : path
  const steps = [start]
  let so = inHome ? home : ''
  for (const name of rest.split('/').filter((part) => part !== '')) {
    so = `${so}/${name}`
    steps.push({ name, path: so })
  }
  return steps
}

/** The path somebody typed or pasted; nothing where it is only letters to filter by. */
export function typedPath(text: string, home: string | undefined): string | undefined {
  const bare = unquoted(text.trim())
  const path = bare.startsWith('file:///') ? decoded(bare.slice('file://'.length)) : bare
  if (path === '~' || path.startsWith('~/')) return home === undefined ? undefined : tidy(home + path.slice(1))
  return path.startsWith('/') ? tidy(path) : undefined
}

function unquoted(text: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(text)
  return quoted?.[2] ?? text
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function tidy(path: string): string {
  return path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1')
}

/** Folders whose name holds the letters, those that begin with them first. */
export function narrowed(folders: readonly Entry[], filter: string): readonly Entry[] {
  const wanted = filter.trim().toLowerCase()
  if (wanted === '') return folders
  const holding = folders.filter((folder) => folder.name.toLowerCase().includes(wanted))
  const begins = (folder: Entry) => folder.name.toLowerCase().startsWith(wanted)
  return [...holding.filter(begins), ...holding.filter((folder) => !begins(folder))]
}

/** Where the browser stands when a key is pressed. */
export interface Standing {
  /** What is typed. */
  readonly typed: string
  readonly home: string | undefined
  /** The marked row; -1 for none. */
  readonly at: number
  readonly rows: readonly Entry[]
  readonly parent: string | undefined
  /** Whether the folder that is open may be used. */
  readonly usable: boolean
}

/** What a key asks for. */
export type Step =
  | { readonly type: 'mark'; readonly at: number }
  | { readonly type: 'open'; readonly path: string }
  | { readonly type: 'use' }

/** What a key does here; nothing for keys that only type. */
export function stepFor(key: string, modified: boolean, standing: Standing): Step | undefined {
  if (key === 'Enter') return modified ? choose(standing) : enter(standing)
  if (key === 'Backspace' && standing.typed === '' && standing.parent !== undefined) {
    return { type: 'open', path: standing.parent }
  }
  const at = moved(key, standing.at, standing.rows.length)
  return at === undefined ? undefined : { type: 'mark', at }
}

function choose(standing: Standing): Step | undefined {
  return standing.usable ? { type: 'use' } : undefined
}

function enter(standing: Standing): Step | undefined {
  const path = typedPath(standing.typed, standing.home)
  if (path !== undefined) return { type: 'open', path }
  const row = standing.rows[standing.at] ?? (standing.typed.trim() === '' ? undefined : standing.rows[0])
  return row === undefined ? undefined : { type: 'open', path: row.path }
}

/** What a folder is called on a button. */
export function folderName(path: string, home: string | undefined, places: Places): string {
  if (path === home) return places.home
  return path === '/' ? places.root : baseName(path)
}
