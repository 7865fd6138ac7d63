// A panel that slides in from an edge; the phone's way to a second column. Fetched when first opened.
import { useCallback, type ReactNode } from 'react'
import { dialogPanel } from './dialog'
import { usePart } from './part'

export interface DrawerProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  side: 'left' | 'right' | 'bottom'
  title: string
  children: ReactNode
  /** Hides the title bar from sight; the content brings its own close button. */
  bare?: boolean | undefined
  /** Takes the whole width; for content and not for lists. */
  wide?: boolean | undefined
}

export function Drawer({ open, ...rest }: DrawerProps) {
  const { onOpenChange } = rest
  const panel = usePart(dialogPanel, open, useCallback(() => onOpenChange(false), [onOpenChange]))
  return panel === undefined ? null : <panel.DrawerPanel {...rest} />
}
