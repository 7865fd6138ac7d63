// What an address in a text is: a place on the web, a file of the task, or nothing that may be opened.

/** An address as it will be shown and used. */
export type Address =
  | {
      readonly kind: 'web'
      /** The whole address, as the browser understands it. */
      readonly url: string
      /** The host in the form that is sent over the wire (names in other scripts as `xn--…`); the mail address for mail. */
      readonly host: string
      /** Whether the address carries a name before an `@`, which can be mistaken for the host. */
      readonly named: boolean
    }
  | { readonly kind: 'mail'; readonly url: string; readonly host: string }
  | { readonly kind: 'path'; readonly path: string }

const SCHEME = /^[a-z][a-z0-9+.-]*:/i

/** Reads an address; none where it is of a kind that is not opened (`javascript:`, `file:`, a place in the page …). */
export function readAddress(text: string): Address | undefined {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.startsWith('#')) return undefined
  // `//host/x` and `\\host` take the scheme of this page and leave it all the same.
  if (/^[/\\]{2}/.test(trimmed)) return web(`https:${trimmed.replaceAll('\\', '/')}`)
  if (!SCHEME.test(trimmed)) return { kind: 'path', path: decoded(trimmed) }
  return web(trimmed)
}

function web(text: string): Address | undefined {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return undefined
  }
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      if (url.hostname === '') return undefined
      return { kind: 'web', url: url.href, host: url.host, named: url.username !== '' || url.password !== '' }
    case 'mailto:':
      return { kind: 'mail', url: url.href, host: decoded(url.pathname) }
    default:
      return undefined
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const LOOKS_LIKE_HOST = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^\s/@]*@)?((?:[\p{L}\p{N}-]+\.)+[\p{L}]{2,})(?::\d+)?(?:[/?#].*)?$/iu

/** The host that a link's text names, if it looks like an address. */
export function namedHost(text: string): string | undefined {
  const found = LOOKS_LIKE_HOST.exec(text.trim())?.[1]
  if (found === undefined) return undefined
  try {
    return new URL(`https://${found}`).hostname
  } catch {
    return found.toLowerCase()
  }
}

/** Whether a link's text names another host than the one it leads to. */
export function lies(text: string, host: string): boolean {
  const named = namedHost(text)
  if (named === undefined) return false
  const bare = (name: string) => name.toLowerCase().replace(/:\d+$/, '').replace(/^www\./, '')
  return bare(named) !== bare(host.includes('@') ? host.slice(host.lastIndexOf('@') + 1) : host)
}

/** The largest picture that may stand in a text itself: 1 MB as base64. */
const LARGEST_PICTURE = Math.ceil((1024 * 1024 * 4) / 3)

const OWN_PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=\s]*$/i

/** Whether a picture's address holds the picture itself, of a harmless kind and size. */
export function isOwnPicture(address: string): boolean {
  return address.length <= LARGEST_PICTURE && OWN_PICTURE.test(address)
}
