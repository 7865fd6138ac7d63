// The foot of the list: whether the sandbox is ready, and whether the daemon answers. Facts, not decoration.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Archive, LoaderCircle, ShieldAlert, ShieldCheck, WifiOff } from 'lucide-react'
import { readinessQuery } from '@api'
import { cx, Tooltip } from '@kit'
import { useFeedConnection } from '@stream'
import { sandboxLine } from './sandbox-line'
import { words } from './words'

function Sandbox() {
  const { data, isPending } = useQuery(readinessQuery)
  const { text, ready } = sandboxLine(data)
  const Icon = isPending ? LoaderCircle : ready === true ? ShieldCheck : ShieldAlert
  const tone = ready === true ? 'text-ok' : ready === false ? 'text-bad' : 'text-soft'
  return (
    <Link
      to="/customize/$section"
      params={{ section: 'readiness' }}
      className="flex min-h-8 min-w-0 flex-1 items-center gap-2 rounded-m px-2 hover:bg-hover pointer-coarse:min-h-10"
    >
      <Icon aria-hidden className={cx('size-4 shrink-0', isPending ? 'animate-spin text-soft' : tone)} />
      <span className="min-w-0 py-1 break-words">{isPending ? words.sandbox.checking : text}</span>
    </Link>
  )
}

export function Footer({ onNavigate }: { onNavigate: (() => void) | undefined }) {
  const away = useFeedConnection() === 'reconnecting'
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- closes the drawer after its links
    <div onClick={onNavigate} className="flex items-center gap-1 border-t border-line p-2 text-xs text-soft">
      {away ? (
        <p className="flex min-h-8 flex-1 items-center gap-2 px-2 text-warn">
          <WifiOff aria-hidden className="size-4" />
          {words.reconnecting}
        </p>
      ) : (
        <Sandbox />
      )}
      <Tooltip text={words.archive} side="top">
        <Link
          to="/archive"
          aria-label={words.archive}
          className="flex size-8 shrink-0 items-center justify-center rounded-m hover:bg-hover hover:text-ink pointer-coarse:size-10"
        >
          <Archive aria-hidden className="size-4" />
        </Link>
      </Tooltip>
    </div>
  )
}
