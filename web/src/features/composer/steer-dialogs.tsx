// Limits and instructions of a task that is there already.
import type { Wish } from '@api'
import { useView } from '@stream'
import type { TaskStore } from '@stream'
import type { Opening } from './commands'
import { InstructionsDialog } from './instructions-dialog'
import { LimitsDialog } from './limits-dialog'
import { STEER } from './words'

export interface SteerDialogsProps {
  readonly store: TaskStore
  readonly opening: Opening | undefined
  readonly wish: (wish: Wish, done?: string) => void
  readonly onClose: () => void
}

export function SteerDialogs({ store, opening, wish, onClose }: SteerDialogsProps) {
  const limits = useView(store, (view) => view.limits)
  const instructions = useView(store, (view) => view.instructions)
  if (opening === 'limits') {
    return <LimitsDialog limits={limits} onSave={(next) => wish({ type: 'set_limits', data: { limits: next } }, STEER.newLimits)} onClose={onClose} />
  }
  if (opening === 'instructions') {
    const save = (text: string) => wish({ type: 'set_instructions', data: { text } }, STEER.newInstructions)
    return <InstructionsDialog text={instructions} onSave={save} onClose={onClose} />
  }
  return null
}
