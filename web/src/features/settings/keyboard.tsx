// Every keyboard shortcut, grouped by where it works, and the switch for those of a single key.
import { Kbd, Switch } from '@kit'
import { SHORTCUTS, singleKeysOn, written } from '@lib/shortcuts'
import { keep } from '@lib/storage'
import { useState } from 'react'
import { Group, Pane } from './pane'
import { words } from './words'

const text = words.keyboard

export function Keyboard() {
  const [single, setSingle] = useState(singleKeysOn)
  const places = [...new Set(SHORTCUTS.map((shortcut) => shortcut.where))]
  return (
    <Pane title={words.sections.keyboard} intro={text.intro}>
      <Switch
        label={text.single}
        hint={text.singleHint}
        checked={single}
        onCheckedChange={(on) => {
          setSingle(on)
          keep('single-keys', on)
        }}
      />
      {places.map((place) => (
        <Group key={place} title={place}>
          <dl>
            {SHORTCUTS.filter((shortcut) => shortcut.where === place).map(({ keys, what }) => (
              <div key={what} className="flex items-center justify-between gap-4 border-b border-line py-3">
                <dt className="text-m text-ink">{what}</dt>
                <dd className="shrink-0">
                  <Kbd>{written(keys)}</Kbd>
                </dd>
              </div>
            ))}
          </dl>
        </Group>
      ))}
    </Pane>
  )
}
