// Addresses in a document that mean a file beside it.

const PLACES = /^\/(?:work|outputs|uploads)\//

/** The path, as the model knows it, that a relative address in the file at `from` means; nothing for any other address. */
export function localPath(from: string, address: string): string | undefined {
  const trimmed = address.trim().replace(/[?#].*$/, '')
  // A scheme, a host or a backslash is no file beside this one.
  if (trimmed === '' || /^[a-z][a-z0-9+.-]*:/i.test(trimmed) || trimmed.startsWith('//') || trimmed.includes('\\')) return undefined
  let decoded: string
  try {
    decoded = decodeURIComponent(trimmed)
  } catch {
    return undefined
  }
  const parts = decoded.startsWith('/') ? [] : from.split('/').slice(0, -1)
  for (const part of decoded.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const path = `/${parts.filter((part) => part !== '').join('/')}`
  return PLACES.test(path) ? path : undefined
}
