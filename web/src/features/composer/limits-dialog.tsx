// Where a task stops by itself: minutes, tokens, replies. An empty field means no limit.
import { useId, useState } from 'react'
import { Button, Dialog, TextField } from '@kit'
import type { Limits } from '@api'
import { limitFrom, limitText } from './limit-fields'
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
  const form = useId()
  const [texts, setTexts] = useState({ minutes: limitText(limits.minutes), tokens: limitText(limits.tokens), steps: limitText(limits.steps) })
  const [looked, setLooked] = useState(false)
  const read = { minutes: limitFrom(texts.minutes), tokens: limitFrom(texts.tokens), steps: limitFrom(texts.steps) }
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    setLooked(true)
    if (read.minutes === 'wrong' || read.tokens === 'wrong' || read.steps === 'wrong') return
    onSave({ minutes: read.minutes, tokens: read.tokens, steps: read.steps })
    onClose()
  }
  return (
    <Dialog
      open
      size="s"
      onOpenChange={onClose}
      title={LIMITS.title}
      description={LIMITS.description}
      footer={
        <>
          {onUsual !== undefined && (
            <Button
              variant="quiet"
              onClick={() => {
                onUsual()
                onClose()
              }}
            >
              {LIMITS.usual}
            </Button>
          )}
          <span className="flex-1" />
          <Button type="submit" form={form} variant="primary">
            {WORDS.save}
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={submit} className="flex flex-col gap-4">
        {FIELDS.map(({ name, label, hint }) => (
          <TextField
            key={name}
            label={label}
            hint={hint}
            inputMode="numeric"
            placeholder={LIMITS.none}
            value={texts[name]}
            onChange={(event) => setTexts({ ...texts, [name]: event.target.value })}
            error={looked && read[name] === 'wrong' ? LIMITS.wrong : undefined}
          />
        ))}
      </form>
    </Dialog>
  )
}
