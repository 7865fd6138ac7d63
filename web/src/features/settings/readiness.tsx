// What is ready on this computer and what is not, each with its one next step.
import { type Check, readinessQuery } from '@api'
import { announce, Button, buttonLook, Skeleton, toast, Told } from '@kit'
import { copyText } from '@lib/clipboard'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleAlert, CircleCheck, Copy, RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { FailedNote, Pane } from './pane'
import { checkName, copied } from './spoken'
import { words } from './words'

const text = words.readiness

export function Readiness() {
  const checks = useQuery(readinessQuery)
  const bad = checks.data?.filter((check) => !check.ok).length ?? 0
  const again = async () => {
    const { data } = await checks.refetch()
    if (data !== undefined) announce(summary(data.filter((check) => !check.ok).length), 'polite')
  }
  return (
    <Pane
      title={words.sections.readiness}
      intro={checks.data === undefined ? text.intro : `${text.intro} ${summary(bad)}`}
      aside={
        <Button icon={RefreshCw} busy={checks.isFetching} onClick={() => void again()}>
          {checks.isFetching ? text.checking : text.again}
        </Button>
      }
    >
      {checks.isPending && <Skeleton lines={6} />}
      {checks.isError && <FailedNote error={checks.error} what={text.failed} onRetry={() => void checks.refetch()} />}
      {checks.data !== undefined && (
        <ul>
          {checks.data.map((check, index) => (
            <CheckRow key={`${index} ${check.name}`} check={check} />
          ))}
        </ul>
      )}
    </Pane>
  )
}

function summary(bad: number): string {
  return bad === 0 ? text.allGood : text.someBad(bad)
}

function CheckRow({ check }: { check: Check }) {
  const Icon = check.ok ? CircleCheck : CircleAlert
  const name = checkName(check.name)
  const hint = check.hint ?? ''
  return (
    <li className="flex gap-3 border-b border-line py-4">
      <Icon aria-hidden className={`mt-1 size-4 shrink-0 ${check.ok ? 'text-ok' : 'text-warn'}`} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold text-ink">{name}</span>
          <span className={`text-s ${check.ok ? 'text-ok' : 'text-warn'}`}>{check.ok ? text.good : text.bad}</span>
        </p>
        <p className="mt-1 text-s break-words text-soft">
          <Told text={check.detail} />
        </p>
        {!check.ok && hint !== '' && (
          <NextStep hint={hint}>{check.name === 'models' ? <ToProviders /> : <CopyStep name={name} hint={hint} />}</NextStep>
        )}
      </div>
    </li>
  )
}

function NextStep({ hint, children }: { hint: string; children: ReactNode }) {
  return (
    <div className="mt-3 flex flex-wrap items-center justify-between gap-3 rounded-m bg-warn-tint px-3 py-2">
      <p className="min-w-0 flex-1 basis-48 text-s break-words text-ink">
        <span className="font-semibold">{text.next}: </span>
        <Told text={hint} />
      </p>
      {children}
    </div>
  )
}

function ToProviders() {
  return (
    <Link to="/customize/$section" params={{ section: 'providers' }} className={buttonLook('outline', 's')}>
      {text.providers}
    </Link>
  )
}

function CopyStep({ name, hint }: { name: string; hint: string }) {
  const copy = async () => {
    if (await copyText(copied(hint))) toast(text.copied)
    else toast(text.copyFailed, { tone: 'bad' })
  }
  return (
    <Button size="s" icon={Copy} aria-label={text.copyNamed(name)} onClick={() => void copy()}>
      {text.copy}
    </Button>
  )
}
