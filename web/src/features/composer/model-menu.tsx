// Choosing the model: a button that says which one it is, and a panel with all that are on offer.
import { TriangleAlert } from 'lucide-react'
import { memo } from 'react'
import { Popover } from '@kit'
import type { ProviderModels } from '@api'
import { ModelPanel } from './model-panel'
import { bareName, isScript, offerOf, unavailableBecause } from './models'
import { Pick } from './pick'
import { MODEL, modelLabel } from './words'

export interface ModelMenuProps {
  readonly providers: readonly ProviderModels[]
  readonly model: string | undefined
  readonly onModel: (model: string) => void
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly side?: 'top' | 'bottom' | undefined
  readonly disabled?: boolean | undefined
}

export const ModelMenu = memo(function ModelMenu({ providers, model, onModel, open, onOpenChange, side = 'bottom', disabled }: ModelMenuProps) {
  const name = model === undefined ? MODEL.none : modelName(providers, model)
  const closed = model === undefined ? undefined : unavailableBecause(providers, model)
  const trigger = (
    <Pick disabled={disabled} aria-label={closed === undefined ? modelLabel(name) : `${modelLabel(name)}, ${MODEL.unavailable}`} icon={closed === undefined ? undefined : TriangleAlert} className="max-w-48">
      {name}
    </Pick>
  )
  return (
    <Popover trigger={trigger} label={MODEL.label} align={side === 'top' ? 'start' : 'end'} side={side} open={open} onOpenChange={onOpenChange} className="w-80 p-0!">
      <ModelPanel
        providers={providers}
        model={model}
        onPick={(picked) => {
          onOpenChange(false)
          onModel(picked)
        }}
      />
    </Popover>
  )
})

function modelName(providers: readonly ProviderModels[], model: string): string {
  if (isScript(model)) return MODEL.script
  return offerOf(providers, model)?.title ?? bareName(model)
}
