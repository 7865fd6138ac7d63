// The first run: try the example, or connect a model. No account, and nothing that cannot be done later.
import { ArrowRight, Check, Plug, Sparkles } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { asApiError, tryExample } from '@api'
import type { ApiError } from '@api'
import { Button, cx, ErrorNote, Spinner } from '@kit'
import { ConnectStep } from './connect-step'
import { WORDS } from './words'

export interface WelcomeProps {
  readonly onTaskMade: (id: string) => void
  readonly onDone: () => void
}

export function Welcome({ onTaskMade, onDone }: WelcomeProps) {
  const [step, setStep] = useState<'begin' | 'connect'>('begin')
  return (
    <div className="mx-auto flex min-h-full w-full max-w-3xl flex-col justify-center gap-8 px-4 py-8 md:px-6">
      {step === 'begin' ? (
        <Begin onTaskMade={onTaskMade} onConnect={() => setStep('connect')} />
      ) : (
        <ConnectStep onBack={() => setStep('begin')} onDone={onDone} />
      )}
      <div className="flex flex-wrap items-center justify-center gap-2 text-s text-soft">
        <Button variant="quiet" onClick={onDone}>
          {WORDS.skip}
        </Button>
        {step === 'begin' && <span>{WORDS.skipSays}</span>}
      </div>
    </div>
  )
}

interface BeginProps {
  readonly onTaskMade: (id: string) => void
  readonly onConnect: () => void
}

function Begin({ onTaskMade, onConnect }: BeginProps) {
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<ApiError | undefined>(undefined)
  const example = () => {
    if (busy) return
    setBusy(true)
    setFailure(undefined)
    tryExample()
      .then(onTaskMade)
      .catch((error: unknown) => setFailure(asApiError(error)))
      .finally(() => setBusy(false))
  }
  return (
    <>
      <header className="flex flex-col items-center gap-3 text-center">
        <span aria-hidden className="brand-mark size-10 rounded-m" />
        <h1 className="text-xl font-semibold tracking-tight">{WORDS.title}</h1>
        <p className="max-w-lg text-m text-soft">{WORDS.lead}</p>
      </header>
      <section aria-label={WORDS.ways} className="grid gap-4 md:grid-cols-2">
        <Way icon={Sparkles} title={WORDS.example} says={WORDS.exampleSays} onClick={example} busy={busy} leads />
        <Way icon={Plug} title={WORDS.connect} says={WORDS.connectSays} onClick={onConnect} />
      </section>
      {failure !== undefined && <ErrorNote message={failure.message} hint={failure.hint} />}
      <ul className="flex flex-col items-start gap-2 self-center text-s text-soft md:flex-row md:gap-6">
        {WORDS.promises.map((promise) => (
          <li key={promise} className="flex items-center gap-2">
            <Check aria-hidden className="size-4 shrink-0 text-ok" />
            {promise}
          </li>
        ))}
      </ul>
    </>
  )
}

interface WayProps {
  readonly icon: LucideIcon
  readonly title: string
  readonly says: string
  readonly onClick: () => void
  readonly busy?: boolean
  readonly leads?: boolean
}

/** One of the two big choices. */
function Way({ icon: Icon, title, says, onClick, busy = false, leads = false }: WayProps) {
  return (
    <button
      type="button"
      onClick={onClick}
      aria-busy={busy || undefined}
      className={cx(
        'group flex flex-col items-start gap-2 rounded-l border p-6 text-left transition-colors',
        leads ? 'border-accent bg-tint' : 'bg-panel hover:bg-hover',
      )}
    >
      <span className="flex h-6 items-center text-accent">{busy ? <Spinner /> : <Icon aria-hidden className="size-5" />}</span>
      <span className="flex w-full items-center gap-2 text-l font-semibold">
        {title}
        <ArrowRight aria-hidden className="size-4 text-faint transition-transform group-hover:translate-x-1" />
      </span>
      <span className="flex-1 text-m text-soft">{says}</span>
    </button>
  )
}
