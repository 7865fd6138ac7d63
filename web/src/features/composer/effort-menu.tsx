// How hard the model tries, where it can be told.
import { memo } from 'react'
import { Menu, MenuCheck } from '@kit'
import { Pick } from './pick'
import { effortLabel, effortName, MODEL } from './words'

export interface EffortMenuProps {
  /** What the model knows, weakest first; with none there is nothing to choose. */
  readonly efforts: readonly string[]
  readonly effort: string | undefined
  readonly onEffort: (effort: string | undefined) => void
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly side?: 'top' | 'bottom' | undefined
  readonly disabled?: boolean | undefined
}

export const EffortMenu = memo(function EffortMenu({ efforts, effort, onEffort, open, onOpenChange, side = 'bottom', disabled }: EffortMenuProps) {
  if (efforts.length === 0) return null
  const name = effort === undefined ? MODEL.effortUsual : effortName(effort)
  const trigger = (
    <Pick disabled={disabled} aria-label={effortLabel(name)}>
      {effort === undefined ? MODEL.effort : name}
    </Pick>
  )
  return (
    <Menu trigger={trigger} label={MODEL.effort} align="end" side={side} open={open} onOpenChange={onOpenChange}>
      <MenuCheck checked={effort === undefined} onCheckedChange={() => onEffort(undefined)} hint={MODEL.effortUsualHint}>
        {MODEL.effortUsual}
      </MenuCheck>
      {efforts.map((each) => (
        <MenuCheck key={each} checked={each === effort} onCheckedChange={() => onEffort(each)}>
          {effortName(each)}
        </MenuCheck>
      ))}
    </Menu>
  )
})
