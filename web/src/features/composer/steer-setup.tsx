// What the task runs with: mode, model and effort, shown and changed in place. On a phone the bar above has the mode.
import { memo, useCallback } from 'react'
import type { Mode, Wish } from '@api'
import { useView } from '@stream'
import type { TaskStore } from '@stream'
import type { Opening } from './commands'
import { EffortMenu } from './effort-menu'
import { ModeMenu } from './mode-menu'
import { ModelMenu } from './model-menu'
import { offerOf } from './models'
import { MoreMenu } from './more-menu'
import type { Offers } from './use-offers'

export interface SteerSetupProps {
  readonly store: TaskStore
  readonly offers: Offers
  readonly wish: (wish: Wish) => void
  readonly opening: Opening | undefined
  readonly onOpening: (opening: Opening | undefined) => void
  readonly disabled: boolean
}

const NONE: readonly string[] = []

export const SteerSetup = memo(function SteerSetup({ store, offers, wish, opening, onOpening, disabled }: SteerSetupProps) {
  const mode = useView(store, (view) => view.mode)
  const model = useView(store, (view) => view.model)
  const effort = useView(store, (view) => view.effort ?? undefined)
  const efforts = offerOf(offers.providers, model)?.efforts ?? NONE
  const setMode = useCallback((next: Mode) => wish({ type: 'set_mode', data: { mode: next } }), [wish])
  const setModel = useCallback((next: string) => wish({ type: 'set_model', data: { model: next } }), [wish])
  const setEffort = useCallback((next: string | undefined) => wish({ type: 'set_effort', data: { effort: next ?? null } }), [wish])
  const showModels = useCallback((open: boolean) => onOpening(open ? 'model' : undefined), [onOpening])
  const showEfforts = useCallback((open: boolean) => onOpening(open ? 'effort' : undefined), [onOpening])
  return (
    <>
      <span className="max-sm:hidden">
        <ModeMenu mode={mode} onMode={setMode} side="top" disabled={disabled} />
      </span>
      <ModelMenu
        providers={offers.providers}
        model={model === '' ? undefined : model}
        onModel={setModel}
        open={opening === 'model'}
        onOpenChange={showModels}
        side="top"
        disabled={disabled}
      />
      <EffortMenu efforts={efforts} effort={effort} onEffort={setEffort} open={opening === 'effort'} onOpenChange={showEfforts} side="top" disabled={disabled} />
      <MoreMenu onOpen={onOpening} side="top" disabled={disabled} />
    </>
  )
})
