// The button that starts or sends. It can always be reached by keyboard; while it cannot act it says why.
import { ArrowUp } from 'lucide-react'
import { Button, Tooltip } from '@kit'
import { written } from '@lib/shortcuts'

export interface StartButtonProps {
  readonly label: string
  /** Why it cannot act now. */
  readonly reason: string | undefined
  readonly busy: boolean
  readonly busyLabel: string
  readonly onStart: () => void
  /** The keys that do the same. */
  readonly keys: string
  /** On a phone only the sign is shown. */
  readonly compact?: boolean | undefined
}

export function StartButton({ label, reason, busy, busyLabel, onStart, keys, compact = false }: StartButtonProps) {
  return (
    <Tooltip text={reason ?? label} shortcut={reason === undefined ? written(keys) : undefined} side="top">
      <Button variant="primary" icon={ArrowUp} busy={busy} aria-disabled={busy || reason !== undefined} onClick={busy ? undefined : onStart}>
        <span className={compact ? 'max-sm:sr-only' : undefined}>{busy ? busyLabel : label}</span>
      </Button>
    </Tooltip>
  )
}
