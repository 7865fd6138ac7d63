// The steps of an Undo, grouped by what happens, each file with its path.
import { CircleSlash, FileMinus2, FolderInput, Undo2, type LucideIcon } from 'lucide-react'
import { useState } from 'react'
import type { UndoPlanStep } from '@api'
import { Button, Told, cx } from '@kit'
import { bytes as sized } from '@lib/format'
import { groupsOf, type Group, type Kind } from './plan'
import { words } from './words'

const LOOK: Readonly<Record<Kind, { icon: LucideIcon; ink: string }>> = {
  restored: { icon: Undo2, ink: 'text-ok' },
  removed: { icon: FileMinus2, ink: 'text-warn' },
  folders: { icon: FolderInput, ink: 'text-soft' },
  left: { icon: CircleSlash, ink: 'text-soft' },
}

/** Lines shown of a group before the rest is asked for. */
const SHOWN = 8

export function Steps({ steps }: { steps: readonly UndoPlanStep[] }) {
  return (
    <div className="flex flex-col gap-4">
      {groupsOf(steps).map((group) => (
        <GroupList key={group.kind} group={group} />
      ))}
    </div>
  )
}

function GroupList({ group }: { group: Group }) {
  const [all, setAll] = useState(false)
  const { icon: Icon, ink } = LOOK[group.kind]
  const shown = all ? group.steps : group.steps.slice(0, SHOWN)
  return (
    <section className={cx(group.kind === 'left' && 'border-t border-line pt-4')}>
      <h3 className="flex items-center gap-2 text-s font-semibold">
        <Icon aria-hidden className={cx('size-4 shrink-0', ink)} />
        {words.group[group.kind](group.steps.length)}
      </h3>
      {group.kind === 'left' && <p className="mt-1 pl-6 text-s text-soft">{words.leftWhy}</p>}
      <ul className="mt-1 flex flex-col pl-6">
        {shown.map((step) => (
          <StepLine key={step.path} step={step} kind={group.kind} />
        ))}
      </ul>
      {shown.length < group.steps.length && (
        <Button variant="quiet" size="s" className="ml-4" onClick={() => setAll(true)}>
          {words.all(group.steps.length)}
        </Button>
      )}
    </section>
  )
}

function StepLine({ step, kind }: { step: UndoPlanStep; kind: Kind }) {
  const about = aboutOf(step, kind)
  return (
    <li className="flex min-w-0 flex-wrap items-baseline gap-x-3 py-1 text-s">
      <span className="min-w-0 flex-1 break-all font-mono">{step.path}</span>
      {about !== '' && <span className="text-soft"><Told text={about} /></span>}
    </li>
  )
}

function aboutOf(step: UndoPlanStep, kind: Kind): string {
  switch (kind) {
    case 'left':
      return step.conflict ?? step.action
    case 'restored':
      return typeof step.bytes === 'number' ? sized(step.bytes) : ''
    case 'removed':
      return ''
    case 'folders':
      return step.action
  }
}
