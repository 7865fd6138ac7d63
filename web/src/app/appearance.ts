// Light, dark or as the system says: kept in this browser, in force at once.
import { keep } from '@lib/storage'

export type Appearance = 'system' | 'light' | 'dark'

/** Changes the appearance now and for the next visit. */
export function setAppearance(appearance: Appearance): void {
  keep('appearance', appearance === 'system' ? undefined : appearance)
  if (appearance === 'system') Reflect.deleteProperty(document.documentElement.dataset, 'appearance')
  else document.documentElement.dataset['appearance'] = appearance
}
