// Where a task stops by itself: minutes, tokens, replies. An empty field means no limit.
import { useState } from 'react'
import { FormDialog, TextField } from '@kit'
import type { Limits } from '@api'
import { limitFields, readLimit, readLimits } from '@lib/limits'
import { UsualButton } from './usual-button'
import { LIMITS, WORDS } from './words'

export interface LimitsDialogProps {
  /** The limits to begin with. */
  readonly limits: Limits
  readonly onSave: (limits: Limits) => void
  /** Back to the limits of the settings; none where there is no such thing. */
  readonly onUsual?: (() => void) | undefined
  readonly onClose: () => void
}

const FIELDS = [
  { name: 'minutes', label: LIMITS.minutes, hint: LIMITS.minutesHint },
  { name: 'tokens', label: LIMITS.tokens, hint: LIMITS.tokensHint },
  { name: 'steps', label: LIMITS.replies, hint: LIMITS.repliesHint },
] as const

export function LimitsDialog({ limits, onSave, onUsual, onClose }: LimitsDialogProps) {
  const [texts, setTexts] = useState(() => limitFields(limits))
  const [looked, setLooked] = useState(false)
  const submit = () => {
    setLooked(true)
    const wanted = readLimits(texts)
    if (wanted === undefined) return
    onSave(wanted)
    onClose()
  }
  return (
    <FormDialog
      size="s"
      title={LIMITS.title}
      description={LIMITS.description}
      action={WORDS.save}
      onSubmit={submit}
      onClose={onClose}
      aside={onUsual !== undefined && <UsualButton label={LIMITS.usual} onUsual={onUsual} onClose={onClose} />}
    >
      {FIELDS.map(({ name, label, hint }) => (
        <TextField
          key={name}
          label={label}
          hint={hint}
          inputMode="numeric"
          placeholder={LIMITS.none}
          value={texts[name]}
          onChange={(event) => setTexts({ ...texts, [name]: event.target.value })}
          error={looked ? readLimit(name, texts[name]).wrong : undefined}
        />
      ))}
    </FormDialog>
  )
}
