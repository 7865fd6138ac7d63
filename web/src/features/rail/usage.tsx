// What the task used: tokens, cost, time; and where it stops by itself.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { settingsQuery } from '@api'
import { Button, Disclosure, Meter, Section } from '@kit'
import { duration, tokens } from '@lib/format'
import { useTurns, useView, type TaskStore } from '@stream'
import { costOf, money } from './cost'
import { tokensUsed, worked } from './usage-figures'
import { LimitsDialog } from './limits-dialog'
import { words } from './words'

const said = words.usage

export function UsageSection({ store }: { store: TaskStore }) {
  const usage = useView(store, (view) => view.usage)
  const steps = useView(store, (view) => view.steps)
  const context = useView(store, (view) => view.context_tokens)
  const model = useView(store, (view) => view.model)
  const settings = useQuery(settingsQuery)
  const cost = settings.data === undefined ? undefined : costOf(usage, model, settings.data.prices)
  const used = tokensUsed(usage)
  const time = useWorked(store)
  const figures: readonly (readonly [string, string])[] = [
    [said.read, tokens(usage.input)],
    [said.cached, tokens((usage.cache_read ?? 0) + (usage.cache_write ?? 0))],
    [said.written, tokens(usage.output)],
    [said.context, tokens(context)],
    [said.replies, String(steps)],
  ]
  const line = [said.tokens(tokens(used)), cost === undefined ? '' : money(cost), time === 0 ? '' : duration(time)].filter((part) => part !== '')
  return (
    <Section title={said.title} collapsible storageName="rail.usage">
      {used === 0 ? (
        <p className="text-soft">{said.none}</p>
      ) : (
        <>
          <p className="tabular-nums" title={cost === undefined ? said.costUnknown : said.costAbout}>
            {line.join(' · ')}
          </p>
          <Disclosure summary={said.details}>
            <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1">
              {figures.map(([name, value]) => (
                <Figure key={name} name={name} value={value} />
              ))}
              <Figure name={said.cost} value={cost === undefined ? '–' : money(cost)} about={cost === undefined ? said.costUnknown : said.costAbout} />
              <Figure name={said.time} value={duration(time)} about={said.timeAbout} />
            </dl>
          </Disclosure>
        </>
      )}
      <Limits store={store} used={used} />
    </Section>
  )
}

function Figure({ name, value, about }: { name: string; value: string; about?: string }) {
  return (
    <>
      <dt className="text-soft">
        {name}
        {about !== undefined && <span className="block text-xs">{about}</span>}
      </dt>
      <dd className="text-right tabular-nums">{value}</dd>
    </>
  )
}

/** Milliseconds the turns took; counts on while one is open. */
function useWorked(store: TaskStore): number {
  const turns = useTurns(store)
  const state = useView(store, (view) => view.state)
  const changedAt = useView(store, (view) => view.changed_at)
  const open = state === 'working' || state === 'needs_you'
  const now = useNow(open)
  // A paused turn has no end yet, but the pause is no work.
  return worked(turns, open ? now : changedAt)
}

function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!ticking) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [ticking])
  return now
}

function Limits({ store, used }: { store: TaskStore; used: number }) {
  const limits = useView(store, (view) => view.limits)
  const [editing, setEditing] = useState(false)
  const most = limits.tokens ?? undefined
  const lines = [
    limits.steps == null ? '' : said.limitSteps(limits.steps),
    limits.minutes == null ? '' : said.limitMinutes(limits.minutes),
  ].filter((line) => line !== '')
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center">
        <h3 className="flex-1 text-xs text-soft">{said.limits}</h3>
        <Button variant="quiet" size="s" className="-mr-2" aria-label={said.editLimits} onClick={() => setEditing(true)}>
          {words.edit}
        </Button>
      </div>
      {most === undefined && lines.length === 0 && <p className="text-soft">{said.noLimits}</p>}
      {most !== undefined && (
        <>
          <p className="tabular-nums">{said.limitTokens(tokens(used), tokens(most))}</p>
          <Meter value={used / most} label={said.limitTokens(tokens(used), tokens(most))} tone={used / most > 0.9 ? 'warn' : 'accent'} />
        </>
      )}
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {editing && <LimitsDialog task={store.id} limits={limits} onClose={() => setEditing(false)} />}
    </div>
  )
}
