// What is needed now and then: limits and instructions of this one task.
import { Ellipsis, Gauge, ScrollText } from 'lucide-react'
import { memo } from 'react'
import { IconButton, Menu, MenuItem } from '@kit'
import type { Opening } from './commands'
import { INSTRUCTIONS, LIMITS, WORDS } from './words'

export interface MoreMenuProps {
  readonly onOpen: (opening: Opening) => void
  readonly side?: 'top' | 'bottom' | undefined
  readonly disabled?: boolean | undefined
}

export const MoreMenu = memo(function MoreMenu({ onOpen, side = 'bottom', disabled }: MoreMenuProps) {
  return (
    <Menu trigger={<IconButton label={WORDS.moreLabel} icon={Ellipsis} tip={false} disabled={disabled} />} label={WORDS.more} side={side}>
      <MenuItem icon={Gauge} onSelect={() => onOpen('limits')}>
        {LIMITS.item}
      </MenuItem>
      <MenuItem icon={ScrollText} onSelect={() => onOpen('instructions')}>
        {INSTRUCTIONS.item}
      </MenuItem>
    </Menu>
  )
})
