// Puts a cleaned page into a frame whose document runs no scripts. Styles go in through the object model, which the
// window's content policy allows; the policy itself holds inside the frame too.
import { PICTURE, STYLE } from './clean-page'
import type { CleanPage } from './clean-page'

/** Fills the frame's document; `address` gives where a picture beside the page is served. */
export function fillFrame(frame: Document, page: CleanPage, address: (path: string) => string): void {
  const view = frame.defaultView
  if (view === null) return
  const root = frame.importNode(page.root, true)
  for (const picture of root.querySelectorAll(`[${PICTURE}]`)) {
    picture.setAttribute('src', address(picture.getAttribute(PICTURE) ?? ''))
    picture.removeAttribute(PICTURE)
  }
  frame.adoptedStyleSheets = page.sheets.map(({ text, media }) => {
    const sheet = new view.CSSStyleSheet(media === '' ? {} : { media })
    sheet.replaceSync(text)
    return sheet
  })
  for (const element of [root, ...root.querySelectorAll(`[${STYLE}]`)]) {
    const style = element.getAttribute(STYLE)
    if (style === null || !hasStyle(element)) continue
    element.removeAttribute(STYLE)
    element.style.cssText = style
  }
  frame.replaceChild(root, frame.documentElement)
  // Links within the page scroll; every other link was taken out.
  frame.addEventListener('click', (event) => follow(frame, event))
}

function hasStyle(element: Element): element is Element & ElementCSSInlineStyle {
  return 'style' in element
}

function isElement(target: EventTarget | null): target is Element {
  return target !== null && 'closest' in target
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function follow(frame: Document, event: MouseEvent): void {
  const link = isElement(event.target) ? event.target.closest('a[href]') : null
  if (link === null) return
  event.preventDefault()
  const name = (link.getAttribute('href') ?? '').trim().slice(1)
  const goal = name === '' ? frame.documentElement : (frame.getElementById(name) ?? frame.getElementById(decoded(name)))
  goal?.scrollIntoView()
}
