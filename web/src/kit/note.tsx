// What is said in a box: nothing here yet, something went wrong, something to know.
import { CircleAlert, CircleCheck, Info, RotateCw, TriangleAlert, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button'
import { cx } from './cx'
import { Told } from './told'
import { words } from './words'

export interface EmptyProps {
  title: string
  icon?: LucideIcon | undefined
  children?: ReactNode
  action?: ReactNode
  /** The title is the heading of the page. */
  heading?: boolean | undefined
}

/** A place that has nothing to show yet, and what will be there. */
export function Empty({ icon: Icon, title, children, action, heading = false }: EmptyProps) {
  const Title = heading ? 'h1' : 'p'
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-12 text-center">
      {Icon !== undefined && (
        <span className="mb-2 flex size-12 items-center justify-center rounded-full bg-side text-soft">
          <Icon aria-hidden className="size-5" />
        </span>
      )}
      <Title className={heading ? 'text-l font-semibold' : 'text-m font-semibold'}>{title}</Title>
      {children !== undefined && <div className="max-w-md text-m text-soft">{children}</div>}
      {action !== undefined && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}

export interface ErrorNoteProps {
  message: string
  /** The one next step. */
  hint?: string | undefined
  onRetry?: (() => void) | undefined
  action?: ReactNode
}

/** Something went wrong: what, and the one next step. */
export function ErrorNote({ message, hint, onRetry, action }: ErrorNoteProps) {
  return (
    <div role="alert" className="flex items-start gap-3 rounded-m bg-bad-tint px-4 py-3 text-s">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0 flex-1 break-words">
        <p className="font-medium text-bad">
          <Told text={message} />
        </p>
        {hint !== undefined && (
          <p className="mt-1 text-ink">
            <Told text={hint} />
          </p>
        )}
      </div>
      {action}
      {onRetry !== undefined && (
        <Button size="s" icon={RotateCw} onClick={onRetry}>
          {words.retry}
        </Button>
      )}
    </div>
  )
}

export interface NoticeProps {
  tone: 'info' | 'warn' | 'bad' | 'ok'
  title?: ReactNode
  icon?: LucideIcon | undefined
  children?: ReactNode
}

const NOTICE = {
  info: { icon: Info, ground: 'bg-tint', ink: 'text-accent' },
  warn: { icon: TriangleAlert, ground: 'bg-warn-tint', ink: 'text-warn' },
  bad: { icon: CircleAlert, ground: 'bg-bad-tint', ink: 'text-bad' },
  ok: { icon: CircleCheck, ground: 'bg-ok-tint', ink: 'text-ok' },
}

/** Something to know. */
export function Notice({ tone, icon, title, children }: NoticeProps) {
  const { ground, ink } = NOTICE[tone]
  const Icon = icon ?? NOTICE[tone].icon
  return (
    <div className={cx('flex items-start gap-3 rounded-m px-4 py-3 text-s', ground)}>
      <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', ink)} />
      <div className="min-w-0 flex-1 break-words">
        {title !== undefined && <p className={cx('font-medium', ink)}>{title}</p>}
        {children !== undefined && <div className={cx('text-ink', title !== undefined && 'mt-1')}>{children}</div>}
      </div>
    </div>
  )
}
