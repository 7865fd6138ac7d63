// Windows over the page: a dialog, and the question before something that matters. Fetched when first opened.
import { useCallback, type ReactNode } from 'react'
import { part, usePart } from './part'

export const dialogPanel = part(() => import('./dialog-panel'))

export interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: ReactNode
  children?: ReactNode
  /** Buttons, the main one last. */
  footer?: ReactNode
  size?: 's' | 'm' | 'l' | undefined
  /** Hides title and close button from sight, not from screen readers. */
  bare?: boolean | undefined
}

export function Dialog({ open, ...rest }: DialogProps) {
  const { onOpenChange } = rest
  const panel = usePart(dialogPanel, open, useCallback(() => onOpenChange(false), [onOpenChange]))
  return panel === undefined ? null : <panel.DialogPanel {...rest} />
}

export interface ConfirmProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** What will happen, and what can be brought back. */
  description: ReactNode
  /** The word on the button: a verb. */
  action: string
  danger?: boolean | undefined
  onConfirm: () => void | Promise<void>
}

/** The question before something that matters. Cancel has the focus; the dialog closes once the action is through. */
export function Confirm({ open, ...rest }: ConfirmProps) {
  const { onOpenChange } = rest
  const panel = usePart(dialogPanel, open, useCallback(() => onOpenChange(false), [onOpenChange]))
  return panel === undefined ? null : <panel.ConfirmPanel {...rest} />
}
