// Files handed over with a message: what fits, and their bytes as text.
import type { Upload } from '@api'

/** Bytes that all files of one message may have together; the daemon refuses more. */
export const MOST_ATTACHED = 64 * 1024 * 1024

/** A file to hand over. */
export interface Attached {
  /** Stable while it is attached. */
  readonly id: number
  readonly file: File
  /** The address of a small picture of it, as long as it is attached. */
  readonly picture: string | undefined
}

/** What there is after more files came. */
export interface Admitted {
  readonly attached: readonly Attached[]
  /** Names of the files that do not fit. */
  readonly refused: readonly string[]
}

/** How files are taken in. */
export interface Admission {
  readonly most: number
  /** Gives a picture of a file its address. */
  readonly picture: (file: File) => string | undefined
}

const USUAL: Admission = {
  most: MOST_ATTACHED,
  picture: (file) => (isPicture(file.type) ? URL.createObjectURL(file) : undefined),
}

/** Takes files in as long as they fit; a file that is there already is not taken twice. */
export function admit(have: readonly Attached[], more: readonly File[], { most, picture }: Admission = USUAL): Admitted {
  const attached = [...have]
  const refused: string[] = []
  let total = totalOf(attached)
  let id = attached.reduce((highest, it) => Math.max(highest, it.id), 0)
  for (const file of more) {
    if (attached.some((it) => same(it.file, file))) continue
    if (total + file.size > most) {
      refused.push(file.name)
      continue
    }
    total += file.size
    id += 1
    attached.push({ id, file, picture: picture(file) })
  }
  return { attached, refused }
}

/** Gives up the pictures of files that are no longer attached. */
export function letGo(attached: readonly Attached[]): void {
  for (const { picture } of attached) if (picture !== undefined) URL.revokeObjectURL(picture)
}

/** Bytes of all files. */
export function totalOf(attached: readonly Attached[]): number {
  return attached.reduce((sum, it) => sum + it.file.size, 0)
}

function same(a: File, b: File): boolean {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified
}

const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])

/** Whether the browser can show a small picture of it without running anything. */
export function isPicture(type: string): boolean {
  return PICTURES.has(type)
}

/** Files on a clipboard that also holds text are a picture of that text: then the text is meant. */
export function pastedFiles(types: readonly string[], files: readonly File[]): readonly File[] {
  return types.includes('text/plain') ? [] : files
}

/** A file whose bytes cannot be read. */
export class UnreadableFile extends Error {
  readonly file: string

  constructor(file: string) {
    super(file)
    this.file = file
  }
}

/** Reads the files one after the other; the browser does the encoding beside the page's own work. */
export async function uploadsOf(attached: readonly Attached[]): Promise<Upload[]> {
  const uploads: Upload[] = []
  for (const { file } of attached) uploads.push({ name: file.name, content_base64: await base64(file) })
  return uploads
}

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onerror = () => reject(new UnreadableFile(file.name))
    reader.onload = () => resolve(afterComma(reader.result))
    reader.readAsDataURL(file)
  })
}

/** What follows the comma of a `data:` address; an empty file has nothing there. */
function afterComma(address: string | ArrayBuffer | null): string {
  if (typeof address !== 'string') return ''
  const comma = address.indexOf(',')
  return comma < 0 ? '' : address.slice(comma + 1)
}
