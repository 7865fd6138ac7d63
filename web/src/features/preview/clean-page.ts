// A produced HTML page made harmless: no script, no form, no frame, nothing that reaches another address. Styles stay.
//
// Measured in Chromium: a page in `sandbox=""` under `default-src 'none'` still opens connections for `<iframe>`,
// `<frame>` and clicked links, so what could open one is taken out before the page is shown.
import createPurifier from 'dompurify'
import { localPath } from './local-path'

/** A page ready to be shown. */
export interface CleanPage {
  /** The page's root, outside any document; `data-style` holds what `style` held. */
  readonly root: HTMLElement
  /** Its style sheets, in order. */
  readonly sheets: readonly { readonly text: string; readonly media: string }[]
  /** What was taken out. */
  readonly scripts: number
  readonly remote: number
}

/** Where the text of a `style` attribute waits: the window's content policy allows it only through the object model. */
export const STYLE = 'data-style'
/** Where the path of a picture beside the page waits for its address. */
export const PICTURE = 'data-picture'

const FORBIDDEN = [
  'script', 'noscript', 'iframe', 'frame', 'frameset', 'object', 'embed', 'applet', 'form', 'link', 'meta', 'base',
  'template', 'portal', 'fencedframe', 'video', 'audio', 'source', 'track', 'animate', 'set', 'animatetransform', 'animatemotion', 'foreignobject', 'feimage',
]
const PICTURES = /^data:image\/(?:png|jpe?g|gif|webp|avif|bmp|svg\+xml|x-icon)[;,]/i
/** Attributes that hold an address. Whatever is not said to be harmless below is dropped. */
const ADDRESSES = new Set([
  'href', 'xlink:href', 'src', 'srcset', 'imagesrcset', 'poster', 'background', 'action', 'formaction', 'ping', 'data',
  'cite', 'longdesc', 'lowsrc', 'dynsrc', 'manifest', 'profile', 'codebase', 'archive', 'classid', 'icon', 'usemap', 'target',
])

/** Attributes of SVG that are read as CSS. */
const READ_AS_CSS = /^(?:fill|stroke|filter|mask|clip-path|marker(?:-\w+)?|cursor|color-profile|content)$/

/** What becomes of an attribute. */
export type Verdict = 'keep' | 'drop' | { readonly picture: string }

/** Decides on one attribute of an element of the page at `path`. */
export function judge(tag: string, name: string, value: string, path: string): Verdict {
  const attribute = name.toLowerCase()
  if (attribute === 'style') return 'keep'
  if (!ADDRESSES.has(attribute)) return READ_AS_CSS.test(attribute) && namesAnother(value) ? 'drop' : 'keep'
  if (attribute === 'href' || attribute === 'xlink:href') return /^\s*#/.test(value) ? 'keep' : 'drop'
  if (attribute !== 'src' || tag.toLowerCase() !== 'img') return 'drop'
  if (PICTURES.test(value.trim())) return 'keep'
  const beside = localPath(path, value)
  return beside === undefined ? 'drop' : { picture: beside }
}

/** Whether a value read as CSS may mean an address that is not in the page. */
function namesAnother(value: string): boolean {
  return /url\s*\(|image-set|\\/i.test(value) && !/^url\(["']?#[\w-]+["']?\)$/.test(value.trim())
}

/** CSS without addresses: letters hidden behind escapes are written out first, then only `data:` pictures stay. */
export function cleanCss(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (whole, digits: string) => {
      const code = Number.parseInt(digits, 16)
      return code < 128 && /[a-z@(:/]/i.test(String.fromCharCode(code)) ? String.fromCharCode(code) : whole
    })
    .replace(/\\([g-z])/gi, '$1')
    .replace(/@import\b[^;{}]*;?/gi, '')
    // The content policy lets no font in, so the rule would only be an error in the console.
    .replace(/@font-face\s*\{[^}]*\}/gi, '')
    .replace(/(?:-webkit-)?image-set\s*\([^)]*\)+/gi, 'none')
    .replace(/\b(?:url|src)\s*\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^)]*))\s*\)/gi, (_, a?: string, b?: string, c?: string) => {
      const address = (a ?? b ?? c ?? '').trim()
      return harmless(address) ? `url("${address.replace(/"/g, '%22')}")` : 'url("data:,")'
    })
}

function harmless(address: string): boolean {
  return PICTURES.test(address) || /^#[\w-]+$/.test(address)
}

/** Parses a page in a document that loads and runs nothing, and keeps what is harmless. */
export function cleanPage(html: string, path: string): CleanPage {
  const counted = { scripts: 0, remote: 0 }
  const purifier = createPurifier(window)
  purifier.addHook('uponSanitizeElement', (_node, data) => {
    if (data.tagName === 'script') counted.scripts += 1
    else if (['iframe', 'frame', 'object', 'embed', 'link', 'video', 'audio'].includes(data.tagName)) counted.remote += 1
  })
  purifier.addHook('uponSanitizeAttribute', (node, data) => {
    const verdict = judge(node.nodeName, data.attrName, data.attrValue, path)
    if (verdict === 'keep') return
    data.keepAttr = false
    if (verdict === 'drop') counted.remote += data.attrName === 'target' ? 0 : 1
    else node.setAttribute(PICTURE, verdict.picture)
  })
  const root: Node = purifier.sanitize(html, {
    WHOLE_DOCUMENT: true, RETURN_DOM: true, FORBID_TAGS: FORBIDDEN, ADD_TAGS: ['style'], ADD_ATTR: [PICTURE],
  })
  if (!(root instanceof HTMLElement)) throw new Error('the page has no root')
  const sheets = Array.from(root.querySelectorAll('style'), (style) => {
    style.remove()
    return { text: cleanCss(style.textContent), media: style.getAttribute('media') ?? '' }
  })
  for (const element of [root, ...root.querySelectorAll('[style]')]) {
    const style = element.getAttribute('style')
    if (style === null) continue
    element.removeAttribute('style')
    element.setAttribute(STYLE, cleanCss(style))
  }
  return { root, sheets, ...counted }
}
