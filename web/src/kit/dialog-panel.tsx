// The open parts of dialogs and drawers. The veil is our own element: Radix's would inject a style sheet, which the content
// policy forbids, and the page itself never scrolls.
import { X } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import { useRef, useState, type ReactNode } from 'react'
import { Button, IconButton } from './button'
import { cx } from './cx'
import type { ConfirmProps, DialogProps } from './dialog'
import type { DrawerProps } from './drawer'
import { giveFocusBack, opener } from './focus-return'
import { words } from './words'

interface FrameProps {
  onOpenChange: (open: boolean) => void
  children: (giveBack: (event: Event) => void) => ReactNode
}

/** Root, veil and the way the focus goes back. */
function Frame({ onOpenChange, children }: FrameProps) {
  const [from] = useState(opener)
  const giveBack = (event: Event) => {
    event.preventDefault()
    giveFocusBack(from)
  }
  return (
    <Primitive.Root open onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <div aria-hidden className="fixed inset-0 z-40 animate-fade bg-veil" />
        {children(giveBack)}
      </Primitive.Portal>
    </Primitive.Root>
  )
}

const WIDTHS = { s: 'max-w-md', m: 'max-w-xl', l: 'max-w-4xl' }

type Open<T> = Omit<T, 'open'>

export function DialogPanel({ onOpenChange, title, description, children, footer, size = 'm', bare = false }: Open<DialogProps>) {
  return (
    <Frame onOpenChange={onOpenChange}>
      {(giveBack) => (
        <div className={cx('fixed inset-0 z-50 flex justify-center p-4', bare ? 'items-start md:pt-24' : 'items-center')}>
          <Primitive.Content
            {...(description === undefined ? { 'aria-describedby': undefined } : {})}
            onCloseAutoFocus={giveBack}
            className={cx('flex max-h-full w-full animate-rise flex-col overflow-hidden rounded-l border border-line bg-panel shadow-float', WIDTHS[size])}
          >
            <header className={cx('flex items-start gap-4 px-6 pt-5 pb-2', bare && 'sr-only')}>
              <div className="min-w-0 flex-1">
                <Primitive.Title className="text-l font-semibold break-words">{title}</Primitive.Title>
                {description !== undefined && (
                  <Primitive.Description asChild>
                    <div className="mt-1 text-s text-soft">{description}</div>
                  </Primitive.Description>
                )}
              </div>
              {!bare && (
                <Primitive.Close asChild>
                  <IconButton label={words.close} icon={X} size="s" tip={false} className="-mr-2" />
                </Primitive.Close>
              )}
            </header>
            {bare ? children : <div className="min-h-0 flex-1 overflow-y-auto px-6 py-2">{children}</div>}
            {footer !== undefined && <footer className="flex flex-wrap justify-end gap-2 px-6 pt-2 pb-5">{footer}</footer>}
            {footer === undefined && !bare && <div className="pb-3" />}
          </Primitive.Content>
        </div>
      )}
    </Frame>
  )
}

export function ConfirmPanel({ onOpenChange, title, description, action, danger = false, onConfirm }: Open<ConfirmProps>) {
  const [busy, setBusy] = useState(false)
  const cancel = useRef<HTMLButtonElement>(null)
  const confirm = async () => {
    setBusy(true)
    try {
      await onConfirm()
      onOpenChange(false)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Frame onOpenChange={onOpenChange}>
      {(giveBack) => (
        <div className="fixed inset-0 z-50 flex items-center justify-center p-4">
          <Primitive.Content
            role="alertdialog"
            className="w-full max-w-md animate-rise rounded-l border border-line bg-panel p-6 shadow-float"
            onCloseAutoFocus={giveBack}
            onOpenAutoFocus={(event) => {
              event.preventDefault()
              cancel.current?.focus()
            }}
          >
            <Primitive.Title className="text-l font-semibold break-words">{title}</Primitive.Title>
            <Primitive.Description asChild>
              <div className="mt-2 text-m text-soft">{description}</div>
            </Primitive.Description>
            <footer className="mt-6 flex flex-wrap justify-end gap-2">
              <Button ref={cancel} onClick={() => onOpenChange(false)}>
                {words.cancel}
              </Button>
              <Button variant={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void confirm()}>
                {action}
              </Button>
            </footer>
          </Primitive.Content>
        </div>
      )}
    </Frame>
  )
}

const PLACES = {
  left: 'left-0 top-0 h-full animate-from-left border-r',
  right: 'right-0 top-0 h-full animate-from-right border-l',
  bottom: 'bottom-0 left-0 right-0 max-h-4/5 animate-from-bottom rounded-t-xl border-t',
}

export function DrawerPanel({ onOpenChange, side, title, children, bare = false, wide = false }: Open<DrawerProps>) {
  return (
    <Frame onOpenChange={onOpenChange}>
      {(giveBack) => (
        <Primitive.Content
          aria-describedby={undefined}
          onCloseAutoFocus={giveBack}
          className={cx(
            'fixed z-50 flex flex-col border-line bg-bg pt-safe pb-edge shadow-float',
            PLACES[side],
            side !== 'bottom' && (wide ? 'w-full max-w-4xl' : 'w-80 max-w-10/12'),
          )}
        >
          <header className={cx('flex items-center gap-2 border-b border-line px-4 py-2', bare && 'sr-only')}>
            <Primitive.Title className="flex-1 text-m font-semibold">{title}</Primitive.Title>
            {!bare && (
              <Primitive.Close asChild>
                <IconButton label={words.close} icon={X} tip={false} className="-mr-2" />
              </Primitive.Close>
            )}
          </header>
          <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">{children}</div>
        </Primitive.Content>
      )}
    </Frame>
  )
}
