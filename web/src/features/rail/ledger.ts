// The ledger by host: how often it was allowed and refused, and how much went each way.
import type { LedgerLine } from '@api'
import { visible } from '@lib/visible'

export interface Visited {
  readonly name: string
  readonly allowed: number
  readonly refused: number
  /** Connections whose end is not known: they go on, or Deskhand was ended in the middle of them. */
  readonly open: number
  readonly sent: number
  readonly received: number
}

/** One entry for each host, the one reached for last first. */
export function visited(lines: readonly LedgerLine[]): Visited[] {
  const hosts = new Map<string, Visited>()
  for (const line of lines) {
    const usual = line.port === 443 || line.port === 80
    const name = visible(usual ? line.host : `${line.host}:${line.port}`, 'escape')
    const known = hosts.get(name) ?? { name, allowed: 0, refused: 0, open: 0, sent: 0, received: 0 }
    const allowed = line.verdict === 'allowed'
    hosts.delete(name)
    hosts.set(name, {
      name,
      allowed: known.allowed + (allowed ? 1 : 0),
      refused: known.refused + (allowed ? 0 : 1),
      open: known.open + (line.open === true ? 1 : 0),
      sent: known.sent + line.bytes_up,
      received: known.received + line.bytes_down,
    })
  }
  return [...hosts.values()].reverse()
}
