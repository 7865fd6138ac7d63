// The commands that fit what is being typed after a slash.
import { useEffect } from 'react'
import { announce, cx } from '@kit'
import { counted } from '@lib/format'
import { Option, OptionList } from './options'
import type { SlashCommand } from './slash'
import { SLASH } from './words'

export interface SlashMenuProps {
  readonly id: string
  /** The id of an option. */
  readonly option: (at: number) => string
  readonly commands: readonly SlashCommand[]
  readonly at: number
  readonly onMark: (at: number) => void
  readonly onPick: (at: number) => void
  readonly place: 'above' | 'below'
}

export function SlashMenu({ id, option, commands, at, onMark, onPick, place }: SlashMenuProps) {
  const count = commands.length
  useEffect(() => announce(counted(count, 'command')), [count])
  return (
    <div
      className={cx(
        'absolute inset-x-2 z-20 animate-fade rounded-m border border-line bg-panel p-1 shadow-float',
        place === 'above' ? 'bottom-full mb-2' : 'top-full mt-2',
      )}
    >
      <OptionList id={id} label={SLASH.list} marked={option(at)} className="max-h-84 overflow-y-auto">
        {commands.map((command, place) => (
          <Option key={command.name} id={option(place)} marked={place === at} onPick={() => onPick(place)} onMark={() => onMark(place)}>
            <span className="min-w-28 shrink-0 font-mono text-s text-ink">/{command.name}</span>
            <span className="min-w-0 flex-1 truncate text-soft">{command.says}</span>
          </Option>
        ))}
      </OptionList>
    </div>
  )
}
