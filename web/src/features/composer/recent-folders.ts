// The folders worked in lately, as this browser remembers them.
import { keep, kept } from '@lib/storage'
import type { FolderRequest } from '@api'
import { folderFrom, listOf } from './draft'

const NAME = 'folders.recent'
const MOST = 8

/** The folders worked in lately, the last one first. */
export function recentFolders(): readonly FolderRequest[] {
  return listOf(kept<unknown>(NAME, [])).flatMap(folderFrom).slice(0, MOST)
}

/** Remembers folders that were just used. */
export function rememberFolders(used: readonly FolderRequest[]): void {
  if (used.length > 0) keep(NAME, latestFirst(recentFolders(), used))
}

/** The used ones on top, each once. */
export function latestFirst(known: readonly FolderRequest[], used: readonly FolderRequest[]): readonly FolderRequest[] {
  const rest = known.filter((folder) => !used.some((it) => it.path === folder.path))
  return [...used, ...rest].slice(0, MOST)
}
