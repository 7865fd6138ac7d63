// What a new task begins with, and whether this browser tells about tasks.
import { type Mode, modelsQuery, type ProviderModels, type Settings } from '@api'
import { Choice, Notice, RadioCards, Switch, TextArea } from '@kit'
import { keep, kept } from '@lib/storage'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { FailedNote, Group, Pane, WithSettings } from './pane'
import { shownName } from './provider-facts'
import { SavedMark, SaveError, type Saving, useDraft, useSaving } from './saving'
import { words } from './words'

const text = words.general
const MODES: readonly Mode[] = ['ask', 'auto', 'skip']

export function General() {
  const saving = useSaving()
  return (
    <Pane title={words.sections.general} intro={text.intro} aside={<SavedMark saving={saving} />}>
      <SaveError saving={saving} />
      <WithSettings>{(settings) => <Defaults settings={settings} saving={saving} />}</WithSettings>
      <Notifications />
    </Pane>
  )
}

function Defaults({ settings, saving }: { settings: Settings; saving: Saving }) {
  const instructions = useDraft(settings.instructions, (typed) => saving.save({ instructions: typed }))
  return (
    <>
      <RadioCards
        label={text.mode}
        value={settings.default_mode}
        showLabel
        onValueChange={(mode) => saving.save({ default_mode: mode })}
        options={MODES.map((mode) => ({ value: mode, label: words.modes[mode].label, description: words.modes[mode].about }))}
      />
      <DefaultModel settings={settings} saving={saving} />
      <TextArea
        label={text.instructions}
        hint={text.instructionsHint}
        placeholder={text.instructionsPlaceholder}
        rows={5}
        maxLength={20_000}
        value={instructions.text}
        onChange={(event) => instructions.change(event.target.value)}
        onBlur={instructions.flush}
      />
    </>
  )
}

function DefaultModel({ settings, saving }: { settings: Settings; saving: Saving }) {
  const models = useQuery(modelsQuery)
  const chosen = settings.default_model ?? ''
  return (
    <div className="flex flex-col gap-2">
      <Choice
        label={text.model}
        hint={text.modelHint}
        value={chosen}
        onValueChange={(value) => saving.save({ default_model: value })}
        options={modelOptions(models.data ?? [], chosen)}
      />
      {models.isError && (
        <FailedNote error={models.error} what={text.modelsFailed} onRetry={() => void models.refetch()} />
      )}
    </div>
  )
}

/** Every model on offer under its provider's name; the chosen one also where it is not on offer now. */
function modelOptions(offers: readonly ProviderModels[], chosen: string): { value: string; label: string }[] {
  const options = offers.flatMap((offer) =>
    offer.models.map((model) => ({ value: model.name, label: `${shownName(offer.provider)} · ${model.title}` })),
  )
  const first = { value: '', label: text.modelFirst }
  if (chosen === '' || options.some((option) => option.value === chosen)) return [first, ...options]
  return [first, { value: chosen, label: text.modelGone(chosen) }, ...options]
}

type Allowed = NotificationPermission | 'none'

function Notifications() {
  const [on, setOn] = useState(() => kept('notify', false))
  const [allowed, setAllowed] = useState<Allowed>(() => ('Notification' in window ? Notification.permission : 'none'))
  const change = async (wanted: boolean) => {
    const answer = wanted && allowed === 'default' ? await Notification.requestPermission() : allowed
    setAllowed(answer)
    const granted = wanted && answer === 'granted'
    setOn(granted)
    keep('notify', granted)
  }
  return (
    <Group title={text.notifications}>
      <div className="flex flex-col gap-3 pt-4">
        <Switch
          label={text.notify}
          hint={text.notifyHint}
          checked={on && allowed === 'granted'}
          disabled={allowed === 'none'}
          onCheckedChange={(wanted) => void change(wanted)}
        />
        {allowed === 'denied' && <Notice tone="warn" title={text.notifyDenied} />}
        {allowed === 'none' && <Notice tone="info" title={text.notifyNone} />}
      </div>
    </Group>
  )
}
