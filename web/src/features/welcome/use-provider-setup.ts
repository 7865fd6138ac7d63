// Trying and keeping a provider during the first run.
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asApiError, modelsQuery, setProvider, settingsQuery, testProvider } from '@api'
import type { ApiError, ProviderTest } from '@api'
import { toast } from '@kit'
import { requestOf } from './tiles'
import type { Tile, Typed } from './tiles'
import { connected } from './words'

export interface ProviderSetup {
  readonly busy: 'testing' | 'saving' | undefined
  readonly result: ProviderTest | undefined
  readonly failure: ApiError | undefined
  readonly test: (typed: Typed) => void
  readonly save: (typed: Typed) => void
  /** Keeps it if it works; otherwise says why it does not. */
  readonly testAndSave: (typed: Typed) => void
  readonly reset: () => void
}

export function useProviderSetup(tile: Tile, onDone: () => void): ProviderSetup {
  const client = useQueryClient()
  const [busy, setBusy] = useState<ProviderSetup['busy']>(undefined)
  const [result, setResult] = useState<ProviderTest | undefined>(undefined)
  const [failure, setFailure] = useState<ApiError | undefined>(undefined)
  const run = (what: 'testing' | 'saving', work: () => Promise<void>) => {
    if (busy !== undefined) return
    setBusy(what)
    setFailure(undefined)
    work()
      .catch((error: unknown) => setFailure(asApiError(error)))
      .finally(() => setBusy(undefined))
  }
  const asked = async (typed: Typed) => {
    const answer = await testProvider(typed.name.trim(), requestOf(typed))
    setResult(answer)
    return answer.ok
  }
  const kept = async (typed: Typed) => {
    const settings = await setProvider(typed.name.trim(), requestOf(typed))
    client.setQueryData(settingsQuery.queryKey, settings)
    void client.invalidateQueries({ queryKey: modelsQuery.queryKey })
    toast(connected(tile.name === '' ? typed.name.trim() : tile.title), { tone: 'ok' })
    onDone()
  }
  return {
    busy,
    result,
    failure,
    test: (typed) => run('testing', async () => void (await asked(typed))),
    save: (typed) => run('saving', () => kept(typed)),
    testAndSave: (typed) =>
      run('saving', async () => {
        if (await asked(typed)) await kept(typed)
      }),
    reset: () => {
      setResult(undefined)
      setFailure(undefined)
    },
  }
}
