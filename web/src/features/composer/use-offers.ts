// What the providers offer and what the settings say, for choosing a model.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { modelsQuery, settingsQuery } from '@api'
import type { Mode, ProviderModels, Settings } from '@api'

const NONE: readonly ProviderModels[] = []

export interface Offers {
  readonly providers: readonly ProviderModels[]
  /** The model of the settings. */
  readonly usual: string | undefined
  /** The mode of the settings; the careful one until they are known. */
  readonly mode: Mode
  readonly settings: Settings | undefined
  /** Whether both are known. */
  readonly known: boolean
}

export function useOffers(): Offers {
  const models = useQuery(modelsQuery)
  const settings = useQuery(settingsQuery)
  // The same object as long as nothing is new: what draws it stands still while somebody types.
  return useMemo(
    () => ({
      providers: models.data ?? NONE,
      usual: settings.data?.default_model ?? undefined,
      mode: settings.data?.default_mode ?? 'ask',
      settings: settings.data,
      known: models.data !== undefined && settings.data !== undefined,
    }),
    [models.data, settings.data],
  )
}
