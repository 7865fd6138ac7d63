// Where new tasks stop by themselves.
import type { Limits as TaskLimits, Settings } from '@api'
import { TextField } from '@kit'
import { duration, tokens } from '@lib/format'
import { type LimitName, limitText, readLimit } from '@lib/limits'
import { Pane, WithSettings } from './pane'
import { SavedMark, SaveError, type Saving, useDraft, useSaving } from './saving'
import { words } from './words'

const text = words.limits
const NAMES: readonly LimitName[] = ['steps', 'minutes', 'tokens']

export function Limits() {
  const saving = useSaving()
  return (
    <Pane title={words.sections.limits} intro={`${text.intro} ${text.none}`} aside={<SavedMark saving={saving} />}>
      <SaveError saving={saving} />
      <WithSettings>
        {(settings) => NAMES.map((name) => <LimitField key={name} name={name} settings={settings} saving={saving} />)}
      </WithSettings>
    </Pane>
  )
}

function LimitField({ name, settings, saving }: { name: LimitName; settings: Settings; saving: Saving }) {
  const now = settings.limits[name] ?? null
  const draft = useDraft(limitText(now), (typed) => {
    const read = readLimit(name, typed)
    if (read.wrong === undefined && read.value !== now) saving.save({ limits: withLimit(settings.limits, name, read.value) })
  })
  const { wrong } = readLimit(name, draft.text)
  return (
    <div className="max-w-md">
      <TextField
        label={text[name].label}
        hint={[text[name].hint, inWords(name, now)].join(' ').trim()}
        inputMode="numeric"
        autoComplete="off"
        placeholder={text.noLimit}
        value={draft.text}
        onChange={(event) => draft.change(event.target.value)}
        onBlur={draft.flush}
        error={wrong}
      />
    </div>
  )
}

function withLimit(limits: TaskLimits, name: LimitName, value: number | null): TaskLimits {
  const { steps = null, minutes = null, tokens: most = null } = limits
  const all = { steps, minutes, tokens: most }
  return { ...all, [name]: value }
}

/** A large number as people say it; empty where the number says it itself. */
function inWords(name: LimitName, value: number | null): string {
  if (name === 'minutes' && value !== null && value >= 60) return text.that(hours(value))
  if (name === 'tokens' && value !== null && value >= 10_000) return text.that(tokens(value))
  return ''
}

function hours(minutes: number): string {
  return minutes % 60 === 0 ? `${minutes / 60} h` : duration(minutes * 60_000)
}
