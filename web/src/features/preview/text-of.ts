// Bytes to text: UTF-8, UTF-16 where a mark says so, and the old Western encoding for what is neither.

/** The text of a file. */
export function textOf(bytes: ArrayBuffer): string {
  const head = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength))
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** The first part of a text file, cut between characters. */
export function startOf(bytes: ArrayBuffer, most: number): { readonly text: string; readonly cut: boolean } {
  if (bytes.byteLength <= most) return { text: textOf(bytes), cut: false }
  // Step back over the bytes of a character that the cut would split.
  const view = new Uint8Array(bytes)
  let end = most
  while (end > most - 4 && ((view[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return { text: textOf(bytes.slice(0, end)), cut: true }
}
