// The readiness of the sandbox in a few words.
import type { Check } from '@api'
import { words } from './words'

/** What the doctor found about the sandbox, in a few words. */
export function sandboxLine(checks: readonly Check[] | undefined): { text: string; ready: boolean | undefined } {
  const check = checks?.find(({ name }) => name.startsWith('sandbox'))
  if (check === undefined) return { text: words.sandbox.unknown, ready: undefined }
  if (!check.ok) return { text: words.sandbox.notReady, ready: false }
  const tier = check.name.includes('vm') ? words.sandbox.tiers.vm : words.sandbox.tiers.namespace
  return { text: words.sandbox.ready(tier), ready: true }
}
