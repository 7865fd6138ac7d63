// How much of its limits a task has used.
import type { Usage } from '@api'

/** Tokens that count towards the limit: everything read and written. */
export function tokensUsed(usage: Usage): number {
  return usage.input + usage.output + (usage.cache_read ?? 0) + (usage.cache_write ?? 0)
}

/** Milliseconds from the start of each turn to its end; one that is open counts until now. */
export function worked(turns: readonly { readonly startedAt: number; readonly endedAt: number | undefined }[], now: number): number {
  return turns.reduce((sum, turn) => sum + Math.max((turn.endedAt ?? now) - turn.startedAt, 0), 0)
}
