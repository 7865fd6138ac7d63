// The model and effort of a new task: picked now, or as chosen last.
import { useCallback, useState } from 'react'
import type { Draft } from './draft'
import { lastChoice, offerOf, rememberChoice, startingModel } from './models'
import type { Offers } from './use-offers'

export interface ChoiceHold {
  readonly model: string | undefined
  readonly efforts: readonly string[]
  readonly effort: string | undefined
  readonly pickModel: (model: string) => void
  readonly pickEffort: (effort: string | undefined) => void
}

const NONE: readonly string[] = []

export function useChoice(draft: Draft, change: (part: Partial<Draft>) => void, offers: Offers): ChoiceHold {
  const [last, setLast] = useState(lastChoice)
  const model = startingModel(draft.model, last.model, { providers: offers.providers, usual: offers.usual })
  const efforts = model === undefined ? NONE : (offerOf(offers.providers, model)?.efforts ?? NONE)
  const wanted = draft.effort ?? (last.model === model ? last.effort : undefined)
  const effort = wanted !== undefined && efforts.includes(wanted) ? wanted : undefined
  const pick = useCallback(
    (choice: { model: string | undefined; effort: string | undefined }) => {
      rememberChoice(choice)
      setLast(choice)
      change(choice)
    },
    [change],
  )
  const pickModel = useCallback((next: string) => pick({ model: next, effort: undefined }), [pick])
  const pickEffort = useCallback((next: string | undefined) => pick({ model, effort: next }), [pick, model])
  return { model, efforts, effort, pickModel, pickEffort }
}
