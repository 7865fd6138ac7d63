// How a file is shown, decided by its name; the media types are those of crates/view/src/media.rs.

/** How a file is shown. */
export type Kind =
  | 'markdown' | 'html' | 'svg' | 'image' | 'pdf' | 'table' | 'workbook' | 'document' | 'text' | 'audio' | 'video' | 'other'

/** Files above this are not opened here: 25 MB. */
export const MOST_BYTES = 25_000_000

/** A page or a Markdown text above these is shown as its text: 4 MB, 400 KB. */
export const MOST_PAGE = 4_000_000
export const MOST_MARKDOWN = 400_000

/** Of a text, this much is shown: 2 MB. */
export const MOST_TEXT = 2_000_000

const BY_ENDING: Readonly<Record<string, Kind>> = {
  md: 'markdown', markdown: 'markdown',
  html: 'html', htm: 'html',
  svg: 'svg',
  png: 'image', jpg: 'image', jpeg: 'image', gif: 'image', webp: 'image', avif: 'image', bmp: 'image', ico: 'image',
  pdf: 'pdf',
  csv: 'table', tsv: 'table',
  xlsx: 'workbook',
  docx: 'document',
  mp3: 'audio', wav: 'audio', ogg: 'audio', m4a: 'audio', flac: 'audio',
  mp4: 'video', webm: 'video',
}

const TEXT_ENDINGS = new Set(
  (
    'txt log text json jsonl ndjson xml yaml yml toml ini cfg conf env properties sql css scss less js mjs cjs jsx ts tsx ' +
    'rs py rb go java kt kts c h cc cpp hpp cs swift php pl lua r jl scala clj ex exs erl hs ml sh bash zsh fish ps1 bat ' +
    'cmd tex bib rst adoc org srt vtt eml ics vcf diff patch graphql proto tf hcl nix gradle cmake mk vue svelte astro ipynb ' +
    'lock gitignore dockerignore editorconfig'
  ).split(' '),
)

const TEXT_NAMES = new Set(['readme', 'license', 'licence', 'notice', 'changelog', 'makefile', 'dockerfile', 'authors', 'todo'])

/** The ending of a file name in lower case, without the dot; empty where there is none. */
export function ending(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** How a file with this name is shown. */
export function kindOf(name: string): Kind {
  const end = ending(name)
  const known = Object.hasOwn(BY_ENDING, end) ? BY_ENDING[end] : undefined
  if (known !== undefined) return known
  if (TEXT_ENDINGS.has(end) || TEXT_NAMES.has(name.toLowerCase())) return 'text'
  return 'other'
}

/** The media type an image is decoded with. */
export function imageMedia(name: string): string {
  const end = ending(name)
  if (end === 'svg') return 'image/svg+xml'
  if (end === 'jpg') return 'image/jpeg'
  return end === 'ico' ? 'image/x-icon' : `image/${end}`
}

/** Whether bytes are text: no NUL among the first of them. */
export function looksLikeText(bytes: Uint8Array): boolean {
  return !bytes.subarray(0, 8192).includes(0)
}
