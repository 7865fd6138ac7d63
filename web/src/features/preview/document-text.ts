// The text of a DOCX as a small tree: headings, paragraphs, lists, tables, emphasis. Layout and links are left out.

/** What the tree is made of; everything else is taken for its content. */
export const TAGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'ul', 'ol', 'li', 'table', 'tbody', 'tr', 'td', 'th', 'strong', 'em', 'br', 'sup', 'sub', 'img'] as const
export type Tag = (typeof TAGS)[number]

export type DocumentNode = string | DocumentElement

export interface DocumentElement {
  readonly tag: Tag
  readonly children: readonly DocumentNode[]
  /** A picture that came inside the file. */
  readonly picture?: { readonly address: string; readonly text: string } | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

const PICTURE = /^data:image\/(?:png|jpe?g|gif|webp);base64,/

/** Reads a DOCX. */
export async function documentOf(bytes: ArrayBuffer): Promise<readonly DocumentNode[]> {
  const { default: mammoth } = await import('mammoth')
  const { value } = await mammoth.convertToHtml({ arrayBuffer: bytes }, { externalFileAccess: false })
  return treeOf(new DOMParser().parseFromString(value, 'text/html').body)
}

/** The tree beneath an element of a document that shows nothing and loads nothing. */
export function treeOf(parent: Node): readonly DocumentNode[] {
  return Array.from(parent.childNodes).flatMap((node): readonly DocumentNode[] => {
    if (node.nodeType === Node.TEXT_NODE) return [node.textContent ?? '']
    if (node.nodeType !== Node.ELEMENT_NODE) return []
    const tag = TAGS.find((known) => known === node.nodeName.toLowerCase())
    if (tag === undefined) return treeOf(node)
    return [{ tag, children: treeOf(node), ...details(node, tag) }]
  })
}

function details(node: Node, tag: Tag): Partial<DocumentElement> {
  if (!isElement(node)) return {}
  if (tag === 'img') {
    const address = node.getAttribute('src') ?? ''
    return PICTURE.test(address) ? { picture: { address, text: node.getAttribute('alt') ?? '' } } : {}
  }
  const span = (name: string) => {
    const count = Number(node.getAttribute(name) ?? '')
    return Number.isInteger(count) && count > 1 ? count : undefined
  }
  return tag === 'td' || tag === 'th' ? { columns: span('colspan'), rows: span('rowspan') } : {}
}

function isElement(node: Node): node is Element {
  return node.nodeType === 1
}
