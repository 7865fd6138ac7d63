// Ask, Auto or Skip, each with one honest sentence.
import { FastForward, Hand, Zap } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { memo } from 'react'
import { Menu, MenuCheck, MenuLabel } from '@kit'
import type { Mode } from '@api'
import { keysOf } from '@lib/decode'
import { Pick } from './pick'
import { DELETING, MODES, WORDS } from './words'

const ICONS: Readonly<Record<Mode, LucideIcon>> = { ask: Hand, auto: Zap, skip: FastForward }

export interface ModeMenuProps {
  readonly mode: Mode
  readonly onMode: (mode: Mode) => void
  readonly side?: 'top' | 'bottom' | undefined
  readonly disabled?: boolean | undefined
}

export const ModeMenu = memo(function ModeMenu({ mode, onMode, side = 'bottom', disabled }: ModeMenuProps) {
  const trigger = (
    <Pick icon={ICONS[mode]} disabled={disabled} aria-label={`${WORDS.mode}: ${MODES[mode].name}`}>
      {MODES[mode].name}
    </Pick>
  )
  return (
    <Menu trigger={trigger} label={WORDS.mode} side={side}>
      {keysOf(MODES).map((each) => (
        <MenuCheck key={each} checked={each === mode} onCheckedChange={() => onMode(each)} hint={MODES[each].says}>
          {MODES[each].name}
        </MenuCheck>
      ))}
      <MenuLabel>{DELETING}</MenuLabel>
    </Menu>
  )
})
