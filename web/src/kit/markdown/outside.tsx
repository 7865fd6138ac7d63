// Links and pictures of a text. Nothing is fetched, and no address stands in the page as a link, before the reader has
// seen the whole address and pressed Open.
import { ExternalLink, Image as ImageIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { createContext, useContext, useRef, useState } from 'react'
import { copyText } from '@lib/clipboard'
import { visible } from '@lib/visible'
import { Button, Popover } from '../index'
import type { Address } from './address'
import { isOwnPicture, lies, namedHost, readAddress } from './address'
import { useSurroundings } from './context'
import { words } from './words'

type Outside = Exclude<Address, { kind: 'path' }>

const InsideLink = createContext(false)

/** A link of the text. */
export function TextLink({ href, children: content }: { href?: string | undefined; children?: ReactNode }) {
  const { onLink } = useSurroundings()
  const children = <InsideLink.Provider value={true}>{content}</InsideLink.Provider>
  const address = href === undefined ? undefined : readAddress(href)
  if (address === undefined) return <span>{content}</span>
  if (address.kind !== 'path') return <OutsideLink address={address}>{children}</OutsideLink>
  if (onLink === undefined) return <span>{content}</span>
  return (
    <button type="button" className="markdown-link" onClick={() => onLink(address.path)}>
      {children}
    </button>
  )
}

function OutsideLink({ address, children }: { address: Outside; children?: ReactNode }) {
  const label = useRef<HTMLButtonElement>(null)
  const [said, setSaid] = useState('')
  const trigger = (
    <button
      ref={label}
      type="button"
      role="link"
      className="markdown-link"
      onClick={() => setSaid(label.current?.textContent ?? '')}
    >
      {children}
    </button>
  )
  const title = address.kind === 'mail' ? words.mailTitle : words.linkTitle
  return (
    <Popover trigger={trigger} label={title}>
      <AddressCard title={title} address={address} said={said} />
    </Popover>
  )
}

/** The whole address, its warnings, Copy and Open. */
function AddressCard({ title, why, address, said }: { title: string; why?: string; address: Outside; said: string }) {
  const [copied, setCopied] = useState(false)
  const warnings = [
    lies(said, address.host) ? words.linkLies(namedHost(said) ?? said, address.host) : undefined,
    address.kind === 'web' && address.named ? words.linkNamed : undefined,
    address.kind === 'web' && address.url.startsWith('http:') ? words.linkPlain : undefined,
  ].filter((warning) => warning !== undefined)
  return (
    <div className="flex w-80 max-w-full flex-col gap-3 text-s">
      <p className="font-semibold">{title}</p>
      {why === undefined ? null : <p className="text-soft">{why}</p>}
      <p className="max-h-40 overflow-auto rounded-s bg-side p-2 font-mono text-xs break-all">
        <Emphasised url={address.url} host={address.host} />
      </p>
      {warnings.map((warning) => (
        <p key={warning} className="flex gap-2 text-warn">
          <TriangleAlert size={16} aria-hidden className="mt-0.5 shrink-0" />
          <span>{warning}</span>
        </p>
      ))}
      <div className="flex flex-wrap gap-2">
        <Button size="s" variant="primary" icon={ExternalLink} onClick={() => openOutside(address.url)}>
          {address.kind === 'mail' ? words.writeMail : words.openAddress}
        </Button>
        <Button size="s" onClick={() => void copyText(address.url).then(setCopied)}>
          {copied ? words.addressCopied : words.copyAddress}
        </Button>
      </div>
    </div>
  )
}

function Emphasised({ url, host }: { url: string; host: string }) {
  const shown = visible(url, 'escape')
  // The user name before an `@` may hold the host's name too; the host is what stands after it.
  const from = shown.indexOf(host, Math.max(shown.indexOf('@'), 0) < shown.indexOf('/', 8) ? Math.max(shown.indexOf('@'), 0) : 0)
  if (from < 0) return shown
  return (
    <>
      <span className="text-soft">{shown.slice(0, from)}</span>
      <strong className="font-semibold text-ink">{host}</strong>
      <span className="text-soft">{shown.slice(from + host.length)}</span>
    </>
  )
}

function openOutside(url: string): void {
  const link = document.createElement('a')
  link.href = url
  link.target = '_blank'
  link.rel = 'noopener noreferrer'
  link.referrerPolicy = 'no-referrer'
  link.click()
}

/** A picture of the text: its own data, a file of the task, or a chip that says where it would come from. */
export function TextPicture({ src, alt }: { src?: string | undefined; alt?: string | undefined }) {
  const { picture } = useSurroundings()
  const name = alt === undefined || alt === '' ? words.pictureUnnamed : words.pictureNamed(alt)
  if (src !== undefined && isOwnPicture(src)) return <img src={src} alt={alt ?? ''} className="markdown-picture" />
  const address = src === undefined ? undefined : readAddress(src)
  if (address === undefined || address.kind === 'mail') return <PictureName name={name} />
  if (address.kind === 'web') return <OutsidePicture address={address} />
  const own = picture?.(address.path)
  if (own === undefined || !own.startsWith('/') || own.startsWith('//')) return <PictureName name={name} />
  return <OwnPicture src={own} alt={alt ?? ''} name={name} />
}

/** A picture of the task; only its name where there is no such file. */
function OwnPicture({ src, alt, name }: { src: string; alt: string; name: string }) {
  const [missing, setMissing] = useState(false)
  if (missing) return <PictureName name={name} />
  return <img src={src} alt={alt} loading="lazy" className="markdown-picture" onError={() => setMissing(true)} />
}

function PictureName({ name }: { name: string }) {
  return (
    <span className="markdown-chip">
      <ImageIcon size={14} aria-hidden />
      {name}
    </span>
  )
}

function OutsidePicture({ address }: { address: Outside }) {
  // A control inside a control cannot be operated: the link around the picture says where it leads.
  if (useContext(InsideLink)) return <PictureName name={words.picture(address.host)} />
  return <OutsideChip address={address} />
}

function OutsideChip({ address }: { address: Outside }) {
  const trigger = (
    <button type="button" className="markdown-chip">
      <ImageIcon size={14} aria-hidden />
      {words.picture(address.host)}
    </button>
  )
  return (
    <Popover trigger={trigger} label={words.pictureTitle}>
      <AddressCard title={words.pictureTitle} why={words.pictureWhy(address.host)} address={address} said="" />
    </Popover>
  )
}
