// The plan: what is done, what is under way, what comes.
import { Circle, CircleCheck, CircleDot, type LucideIcon } from 'lucide-react'
import type { PlanItem } from '@api'
import { Meter, Section, cx } from '@kit'
import type { TaskView } from '@stream'
import { Capped } from './capped'
import { words } from './words'

const LOOK: Readonly<Record<PlanItem['state'], { icon: LucideIcon; ink: string; text: string }>> = {
  pending: { icon: Circle, ink: 'text-faint', text: '' },
  active: { icon: CircleDot, ink: 'text-accent', text: 'font-semibold' },
  done: { icon: CircleCheck, ink: 'text-ok', text: 'text-soft line-through decoration-edge' },
}

/** Items shown of a plan before the rest is asked for. */
const SHOWN = 30

export function ProgressSection({ progress }: { progress: TaskView['progress'] }) {
  const { done, total, items } = progress
  const said = words.progress
  return (
    <Section
      title={said.title}
      collapsible
      storageName="rail.progress"
      aside={total > 0 && <span className="text-s tabular-nums">{said.count(done, total)}</span>}
    >
      {total === 0 ? (
        <p className="text-soft">{said.empty}</p>
      ) : (
        <>
          <Capped items={items} most={SHOWN} list={(shown) => (
            <ol className="flex flex-col gap-1">
              {shown.map((item, at) => (
                <Line key={at} item={item} />
              ))}
            </ol>
          )} />
          <Meter value={done / total} label={said.meter(done, total)} />
        </>
      )}
    </Section>
  )
}

function Line({ item }: { item: PlanItem }) {
  const { icon: Icon, ink, text } = LOOK[item.state]
  return (
    <li className="flex items-start gap-2" aria-current={item.state === 'active' ? 'step' : undefined}>
      <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', ink)} />
      <span className="sr-only">{words.progress.states[item.state]}: </span>
      <span dir="auto" className={cx('min-w-0 break-words', text)}>
        {item.text}
      </span>
    </li>
  )
}
