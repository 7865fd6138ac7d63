// Setting up one provider: its dialect, address and key, tried before it is saved.
import {
  asApiError, modelsQuery, type ProviderRequest, type ProviderState, type ProviderTest, setProvider, settingsQuery,
  testProvider,
} from '@api'
import { Button, Checkbox, Dialog, ErrorNote, IconButton, Notice, RadioCards, TextField, toast, Told } from '@kit'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CircleAlert, CircleCheck, Eye, EyeOff } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { draftOf, type ProviderDraft, requestOf, shownName, wrongAddress, wrongName } from './provider-facts'
import { words } from './words'

const text = words.form

/** Models named in the result of a test. */
const SHOWN_MODELS = 8

interface FormProps {
  /** The provider to change; none adds one. */
  provider: ProviderState | undefined
  taken: readonly string[]
  onClose: () => void
}

export function ProviderForm({ provider, taken, onClose }: FormProps) {
  const form = useId()
  const [draft, setDraft] = useState(() => draftOf(provider))
  const [looked, setLooked] = useState(false)
  const { saving, trying } = useProvider(onClose)
  const nameWrong = provider === undefined ? wrongName(draft.name.trim(), taken) : undefined
  const addressWrong = wrongAddress(draft.address)
  const good = nameWrong === undefined && addressWrong === undefined
  const change = (part: Partial<ProviderDraft>) => {
    setDraft((before) => ({ ...before, ...part }))
    trying.reset()
    saving.reset()
  }
  const go = (mutation: typeof saving | typeof trying) => {
    setLooked(true)
    if (good) mutation.mutate({ name: draft.name.trim(), request: requestOf(draft) })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    go(saving)
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={provider === undefined ? text.addTitle : text.editTitle(shownName(provider.name))}
      description={text.about}
      footer={
        <>
          <Button busy={trying.isPending} onClick={() => go(trying)}>
            {trying.isPending ? text.testing : text.test}
          </Button>
          <span className="flex-1" />
          <Button variant="quiet" onClick={onClose}>
            {text.cancel}
          </Button>
          <Button variant="primary" type="submit" form={form} busy={saving.isPending}>
            {text.save}
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={submit} className="flex flex-col gap-4">
        {provider === undefined && (
          <NameField draft={draft} onChange={change} wrong={looked ? nameWrong : undefined} />
        )}
        <Address draft={draft} onChange={change} wrong={looked ? addressWrong : undefined} />
        <KeyField draft={draft} onChange={change} provider={provider} />
      </form>
      <div aria-live="polite">
        {trying.data !== undefined && <TestResult result={trying.data} />}
        {trying.isError && <Failed error={trying.error} />}
        {saving.isError && <Failed error={saving.error} />}
      </div>
    </Dialog>
  )
}

interface Sent {
  name: string
  request: ProviderRequest
}

/** Trying and storing what the form holds. */
function useProvider(onSaved: () => void) {
  const client = useQueryClient()
  const trying = useMutation({ mutationFn: ({ name, request }: Sent) => testProvider(name, request) })
  const saving = useMutation({
    mutationFn: ({ name, request }: Sent) => setProvider(name, request),
    onSuccess: (settings, { name }) => {
      client.setQueryData(settingsQuery.queryKey, settings)
      void client.invalidateQueries({ queryKey: modelsQuery.queryKey })
      toast(text.savedToast(shownName(name)), { tone: 'ok' })
      onSaved()
    },
  })
  return { trying, saving }
}

interface FieldProps {
  draft: ProviderDraft
  onChange: (part: Partial<ProviderDraft>) => void
  wrong?: string | undefined
}

function NameField({ draft, onChange, wrong }: FieldProps) {
  return (
    <TextField
      label={text.name}
      hint={text.nameHint}
      value={draft.name}
      onChange={(event) => onChange({ name: event.target.value })}
      autoComplete="off"
      spellCheck={false}
      required
      error={wrong}
    />
  )
}

function Address({ draft, onChange, wrong }: FieldProps) {
  return (
    <>
      <RadioCards
        label={text.dialect}
        value={draft.dialect}
        showLabel
        onValueChange={(dialect) => onChange({ dialect })}
        options={[
          { value: 'openai', label: text.openai },
          { value: 'anthropic', label: text.anthropic },
        ]}
      />
      <TextField
        label={text.address}
        hint={text.addressHint[draft.dialect]}
        type="url"
        inputMode="url"
        value={draft.address}
        onChange={(event) => onChange({ address: event.target.value })}
        autoComplete="off"
        spellCheck={false}
        required
        error={wrong}
      />
    </>
  )
}

function KeyField({ draft, onChange, provider }: FieldProps & { provider: ProviderState | undefined }) {
  const [shown, setShown] = useState(false)
  const stored = provider?.key === 'keychain' || provider?.key === 'encrypted_file'
  const environment = provider?.key === 'environment'
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <TextField
            label={text.key}
            type={shown ? 'text' : 'password'}
            value={draft.key}
            onChange={(event) => onChange({ key: event.target.value })}
            autoComplete="off"
            spellCheck={false}
            disabled={draft.forgetKey}
          />
        </div>
        <IconButton
          label={shown ? text.hide : text.show}
          icon={shown ? EyeOff : Eye}
          onClick={() => setShown((before) => !before)}
        />
      </div>
      <p className="text-s text-soft">
        {stored ? text.keyHintStored : environment ? text.keyHintEnvironment : text.keyHintNew}
      </p>
      {stored && (
        <Checkbox
          label={text.removeKey}
          checked={draft.forgetKey}
          onCheckedChange={(checked) => onChange({ forgetKey: checked, key: '' })}
        />
      )}
    </div>
  )
}

function TestResult({ result }: { result: ProviderTest }) {
  const shown = result.models.slice(0, SHOWN_MODELS)
  return (
    <div className="mt-4">
      <Notice
        tone={result.ok ? 'ok' : 'bad'}
        icon={result.ok ? CircleCheck : CircleAlert}
        title={result.ok ? text.works : text.worksNot}
      >
        <p>
          <Told text={result.detail} />
        </p>
        {!result.ok && result.hint != null && (
          <p className="mt-1">
            <Told text={result.hint} />
          </p>
        )}
        {result.ok && <p className="mt-1">{text.offers(result.models.length)}</p>}
        {shown.length > 0 && (
          <ul className="mt-1 list-disc pl-4">
            {shown.map((model) => (
              <li key={model.name} className="break-all">
                {model.title}
              </li>
            ))}
            {result.models.length > shown.length && <li>{text.more(result.models.length - shown.length)}</li>}
          </ul>
        )}
      </Notice>
    </div>
  )
}

function Failed({ error }: { error: unknown }) {
  const { message, hint } = asApiError(error)
  return (
    <div className="mt-4">
      <ErrorNote message={message} hint={hint} />
    </div>
  )
}
