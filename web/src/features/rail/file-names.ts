// How files are named in the rail: short, and still telling two apart.

export type IconKind = 'text' | 'table' | 'picture' | 'code' | 'sound' | 'packed' | 'other'

const KINDS: readonly (readonly [IconKind, RegExp])[] = [
  ['text', /\.(?:md|markdown|txt|pdf|docx?|odt|rtf|log)$/i],
  ['table', /\.(?:csv|tsv|xlsx?|ods)$/i],
  ['picture', /\.(?:png|jpe?g|gif|webp|avif|svg|bmp|ico|heic|tiff?)$/i],
  ['code', /\.(?:html?|css|js|mjs|ts|tsx|jsx|json|xml|ya?ml|toml|py|rs|sh|sql|go|java|c|cpp|h)$/i],
  ['sound', /\.(?:mp3|wav|ogg|m4a|flac|mp4|webm|mov)$/i],
  ['packed', /\.(?:zip|gz|tgz|tar|7z|rar|xz|bz2)$/i],
]

/** Which icon a file gets. */
export function iconKind(name: string): IconKind {
  return KINDS.find(([, ending]) => ending.test(name))?.[0] ?? 'other'
}

/** A path as a reader knows it: `/work/Reports/a.csv` is `Reports/a.csv`, `/outputs/a.csv` is `a.csv`. */
export function shown(path: string): string {
  return path.replace(/^\/(?:work|outputs|uploads)\//, '')
}

/** A shown path in two parts: the folders before the name, and the name, which is never cut. */
export function parts(path: string): { readonly folders: string; readonly name: string } {
  const text = shown(path)
  const slash = text.lastIndexOf('/')
  return { folders: text.slice(0, slash + 1), name: text.slice(slash + 1) }
}
