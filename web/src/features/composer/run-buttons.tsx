// Stop, Pause and Resume: only what can be done now. On a phone Pause stands in the bar above only.
import { Pause, Play, Square } from 'lucide-react'
import { memo } from 'react'
import type { TaskState, Wish } from '@api'
import { Button, IconButton } from '@kit'
import { written } from '@lib/shortcuts'
import { STEER } from './words'

export interface RunButtonsProps {
  readonly state: TaskState
  readonly wish: (wish: Wish) => void
}

export const RunButtons = memo(function RunButtons({ state, wish }: RunButtonsProps) {
  const stop = <IconButton label={STEER.stop} icon={Square} variant="outline" shortcut={written('Mod+.')} onClick={() => wish({ type: 'stop' })} />
  if (state === 'working' || state === 'needs_you') {
    return (
      <>
        <IconButton label={STEER.pause} icon={Pause} variant="outline" className="max-sm:hidden" onClick={() => wish({ type: 'pause' })} />
        {stop}
      </>
    )
  }
  if (state !== 'paused') return null
  return (
    <>
      {stop}
      <Button icon={Play} onClick={() => wish({ type: 'resume' })}>
        {STEER.resume}
      </Button>
    </>
  )
})
