// The head of a preview: which file it is, and what can be done with it.
import { ArrowLeft, Copy, Download, ExternalLink, FolderOpen, MoreHorizontal, X } from 'lucide-react'
import type { RefObject } from 'react'
import { asApiError, downloadAddress, reveal } from '@api'
import { IconButton, LinkButton, Menu, MenuItem, toast } from '@kit'
import { bytes as sized, parentOf } from '@lib/format'
import { words } from './words'

export interface HeaderProps {
  task: string
  path: string
  name: string
  size: number | undefined
  /** The text, where the file is one. */
  text: (() => string) | undefined
  heading: RefObject<HTMLHeadingElement | null>
  /** Goes back to the file whose link opened this one. */
  onBack: (() => void) | undefined
  onClose: () => void
}

function show(task: string, path: string, how: 'folder' | 'open'): void {
  reveal(task, path, how).catch((error: unknown) => {
    const { message, hint } = asApiError(error)
    toast(hint === undefined ? message : `${message}. ${hint}`, { tone: 'bad' })
  })
}

function copy(text: string): void {
  navigator.clipboard.writeText(text).then(
    () => toast(words.copied),
    () => toast(words.copyFailed, { tone: 'bad' }),
  )
}

export function Header({ task, path, name, size, text, heading, onBack, onClose }: HeaderProps) {
  return (
    <header className="flex items-center gap-1 border-b border-line py-2 pr-2 pl-4">
      {onBack !== undefined && <IconButton label={words.back} icon={ArrowLeft} className="-ml-2" onClick={onBack} />}
      <div className="min-w-0 flex-1">
        <h2 ref={heading} tabIndex={-1} className="truncate text-m font-semibold outline-none" title={path}>
          {name}
        </h2>
        <p className="truncate text-xs text-soft">
          {size !== undefined && `${sized(size)} · `}
          {parentOf(path)}
        </p>
      </div>
      <LinkButton size="s" icon={Download} href={downloadAddress(task, path)} download={name} aria-label={words.downloadNamed(name)}>
        {words.download}
      </LinkButton>
      <IconButton label={words.reveal} icon={FolderOpen} onClick={() => show(task, path, 'folder')} />
      <Menu label={name} align="end" trigger={<IconButton label={words.more} icon={MoreHorizontal} tip={false} />}>
        <MenuItem icon={ExternalLink} onSelect={() => show(task, path, 'open')}>
          {words.open}
        </MenuItem>
        {text !== undefined && (
          <MenuItem icon={Copy} onSelect={() => copy(text())}>
            {words.copy}
          </MenuItem>
        )}
      </Menu>
      <IconButton label={words.close} icon={X} onClick={onClose} />
    </header>
  )
}
