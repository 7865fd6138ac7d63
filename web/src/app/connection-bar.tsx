// The calm line on top when the daemon does not answer, or no longer knows this page.
import { useQueryClient } from '@tanstack/react-query'
import { KeyRound, RotateCw, WifiOff } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { settingsQuery } from '@api'
import { useFeedConnection } from '@stream'
import { announce, Button } from '@kit'
import { useSessionExpired } from './session'
import { words } from './words'

/** How long a gap may last before it is worth a word, in milliseconds. */
const PATIENCE = 1500
/** How often the daemon is asked why, in milliseconds: it may be back and not know this page. */
const ASKING = 3000

/** True once the connection has been away for a while; a short hiccup is not shown. */
function useLost(): boolean {
  const away = useFeedConnection() === 'reconnecting'
  const [lost, setLost] = useState(false)
  const said = useRef(false)
  useEffect(() => {
    const timer = setTimeout(() => setLost(away), away ? PATIENCE : 0)
    return () => clearTimeout(timer)
  }, [away])
  useEffect(() => {
    if (lost === said.current) return
    said.current = lost
    announce(lost ? words.connection.lost : words.connection.back)
  }, [lost])
  return lost
}

/** Asks while the connection is away; the answer tells a daemon that is gone from one that was started anew. */
function useAsking(lost: boolean): void {
  const queries = useQueryClient()
  useEffect(() => {
    if (!lost) return
    const timer = setInterval(() => {
      queries.fetchQuery({ ...settingsQuery, staleTime: 0, retry: false }).catch(() => undefined)
    }, ASKING)
    return () => clearInterval(timer)
  }, [lost, queries])
}

export function ConnectionBar() {
  const lost = useLost()
  useAsking(lost)
  const expired = useSessionExpired()
  if (!lost && !expired) return null
  const Icon = expired ? KeyRound : WifiOff
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 border-b border-line bg-warn-tint px-4 py-2 text-s">
      <Icon aria-hidden className="size-4 shrink-0 text-warn" />
      <p className="font-medium text-warn">{expired ? words.connection.expired : words.connection.lost}</p>
      <p className="text-ink">{expired ? words.connection.expiredHint : words.connection.lostHint}</p>
      {expired && (
        <Button size="s" icon={RotateCw} onClick={() => window.location.reload()}>
          {words.connection.reload}
        </Button>
      )}
    </div>
  )
}
