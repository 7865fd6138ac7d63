// One provider: what it still needs, tried before it is kept.
import { Eye, EyeOff, RotateCw } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { FormEvent } from 'react'
import type { KeyPlace, ProviderTest } from '@api'
import { Button, ErrorNote, IconButton, Notice, RadioCards, TextField, Told } from '@kit'
import { typedFor, wrongIn } from './tiles'
import type { Tile, Typed, Wrong } from './tiles'
import { useProviderSetup } from './use-provider-setup'
import { keyKept, setUp, startIt, STEP } from './words'

export interface ProviderStepProps {
  readonly tile: Tile
  readonly taken: readonly string[]
  readonly keyPlace: KeyPlace
  /** Asks the providers again. */
  readonly onAgain: () => void
  readonly onDone: () => void
}

export function ProviderStep(props: ProviderStepProps) {
  const { tile, onAgain, onDone } = props
  if (tile.standing === 'ready' || tile.standing === 'found') {
    return (
      <Card title={setUp(tile.name, tile.title)}>
        <Notice tone="ok" title={STEP.works}>
          {tile.detail}
        </Notice>
        <Button variant="primary" onClick={onDone} className="self-end">
          {STEP.use}
        </Button>
      </Card>
    )
  }
  if (tile.standing === 'not_running') {
    return (
      <Card title={setUp(tile.name, tile.title)}>
        <Notice tone="warn" title={startIt(tile.title)}>
          <Told text={tile.detail} />
        </Notice>
        <Button icon={RotateCw} onClick={onAgain} className="self-end">
          {STEP.again}
        </Button>
      </Card>
    )
  }
  return <ProviderForm {...props} />
}

function Card({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <div className="flex flex-col gap-4 rounded-l border bg-panel p-6">
      <h2 className="text-l font-semibold">{title}</h2>
      {children}
    </div>
  )
}

function ProviderForm({ tile, taken, keyPlace, onDone }: ProviderStepProps) {
  const [typed, setTyped] = useState(() => typedFor(tile))
  const [looked, setLooked] = useState(false)
  const setup = useProviderSetup(tile, onDone)
  const wrong = wrongIn(typed, tile, taken)
  const good = Object.keys(wrong).length === 0
  const change = (part: Partial<Typed>) => {
    setTyped({ ...typed, ...part })
    setup.reset()
  }
  const attempt = (act: (typed: Typed) => void) => {
    setLooked(true)
    if (good) act(typed)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    attempt(setup.testAndSave)
  }
  return (
    <Card title={setUp(tile.name, tile.title)}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Fields tile={tile} typed={typed} wrong={looked ? wrong : {}} onChange={change} />
        <p className="text-s text-soft">{keyKept(keyPlace)}</p>
        <div aria-live="polite" className="flex flex-col gap-4 empty:hidden">
          {setup.result !== undefined && <Result result={setup.result} />}
          {setup.failure !== undefined && <ErrorNote message={setup.failure.message} hint={setup.failure.hint} />}
        </div>
        <div className="flex flex-wrap justify-end gap-2">
          <Button busy={setup.busy === 'testing'} onClick={() => attempt(setup.test)}>
            {setup.busy === 'testing' ? STEP.testing : STEP.test}
          </Button>
          <span className="flex-1" />
          {setup.result?.ok === false && <Button onClick={() => attempt(setup.save)}>{STEP.saveAnyway}</Button>}
          <Button type="submit" variant="primary" busy={setup.busy === 'saving'}>
            {STEP.save}
          </Button>
        </div>
      </form>
    </Card>
  )
}

interface FieldsProps {
  readonly tile: Tile
  readonly typed: Typed
  readonly wrong: Wrong
  readonly onChange: (part: Partial<Typed>) => void
}

function Fields({ tile, typed, wrong, onChange }: FieldsProps) {
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const unnamed = tile.name === ''
  const plain = { autoComplete: 'off', spellCheck: false } as const
  return (
    <>
      {unnamed && (
        <TextField {...plain} ref={first} label={STEP.name} hint={STEP.nameHint} error={wrong.name} value={typed.name} onChange={(event) => onChange({ name: event.target.value })} />
      )}
      {unnamed && (
        <RadioCards
          label={STEP.dialect}
          showLabel
          value={typed.dialect}
          onValueChange={(dialect) => onChange({ dialect })}
          options={[
            { value: 'openai', label: STEP.openai },
            { value: 'anthropic', label: STEP.anthropic },
          ]}
        />
      )}
      {(unnamed || tile.address === '' || wrong.address !== undefined) && (
        <TextField {...plain} type="url" label={STEP.address} hint={STEP.addressHint} error={wrong.address} value={typed.address} onChange={(event) => onChange({ address: event.target.value })} />
      )}
      <KeyField field={unnamed ? undefined : first} optional={tile.standing !== 'needs_key'} typed={typed} wrong={wrong} onChange={onChange} />
    </>
  )
}

interface KeyFieldProps extends Omit<FieldsProps, 'tile'> {
  readonly field: React.RefObject<HTMLInputElement | null> | undefined
  readonly optional: boolean
}

function KeyField({ field, optional, typed, wrong, onChange }: KeyFieldProps) {
  const [shown, setShown] = useState(false)
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <TextField
          {...(field === undefined ? {} : { ref: field })}
          label={optional ? STEP.keyOptional : STEP.key}
          type={shown ? 'text' : 'password'}
          autoComplete="off"
          spellCheck={false}
          error={wrong.key}
          value={typed.key}
          onChange={(event) => onChange({ key: event.target.value })}
        />
      </div>
      <IconButton label={shown ? STEP.hide : STEP.show} icon={shown ? EyeOff : Eye} onClick={() => setShown(!shown)} className="mt-6" />
    </div>
  )
}

function Result({ result }: { readonly result: ProviderTest }) {
  return (
    <Notice tone={result.ok ? 'ok' : 'bad'} title={result.ok ? STEP.works : STEP.worksNot}>
      <p><Told text={result.detail} /></p>
      {result.hint != null && <p><Told text={result.hint} /></p>}
    </Notice>
  )
}
