// Limits and instructions of a new task, in dialogs of their own.
import { NO_LIMITS } from '@api'
import type { Settings } from '@api'
import type { Opening } from './commands'
import type { Draft } from './draft'
import { InstructionsDialog } from './instructions-dialog'
import { LimitsDialog } from './limits-dialog'

export interface SetupDialogsProps {
  readonly opening: Opening | undefined
  readonly onClose: () => void
  readonly draft: Draft
  readonly settings: Settings | undefined
  readonly onChange: (part: Partial<Draft>) => void
}

export function SetupDialogs({ opening, onClose, draft, settings, onChange }: SetupDialogsProps) {
  if (opening === 'limits') {
    return (
      <LimitsDialog
        limits={draft.limits ?? settings?.limits ?? NO_LIMITS}
        onSave={(limits) => onChange({ limits })}
        onUsual={draft.limits === undefined ? undefined : () => onChange({ limits: undefined })}
        onClose={onClose}
      />
    )
  }
  if (opening === 'instructions') {
    return (
      <InstructionsDialog
        text={draft.instructions ?? settings?.instructions ?? ''}
        onSave={(instructions) => onChange({ instructions })}
        onUsual={draft.instructions === undefined ? undefined : () => onChange({ instructions: undefined })}
        onClose={onClose}
      />
    )
  }
  return null
}
