// One line over the message box: what becomes of a message now, or what waits for the user.
import { CornerUpLeft, Hand, Info, Pause } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, Told } from '@kit'
import { useView } from '@stream'
import type { TaskStore } from '@stream'
import { STEER, waits } from './words'

export interface SteerLineProps {
  readonly store: TaskStore
  readonly gone: boolean
  /** Shows what waits for the user. */
  readonly onShow: (() => void) | undefined
}

export function SteerLine({ store, gone, onShow }: SteerLineProps) {
  const state = useView(store, (view) => view.state)
  const approvals = useView(store, (view) => view.approvals.length)
  const questions = useView(store, (view) => view.questions.length)
  const paused = useView(store, (view) => view.paused)
  if (gone) return <Line icon={Info}>{STEER.gone}</Line>
  if (approvals + questions > 0) {
    const show = onShow !== undefined && (
      <Button size="s" icon={CornerUpLeft} onClick={onShow}>
        {STEER.show}
      </Button>
    )
    return (
      <Line icon={Hand} warn action={show}>
        {waits(approvals, questions)}
      </Line>
    )
  }
  if (state === 'paused') {
    const [why] = paused ?? ['']
    return (
      <Line icon={Pause}>
        <Told text={why === '' ? STEER.pausedWhy : why} />. {STEER.paused}
      </Line>
    )
  }
  return state === 'working' ? <Line icon={Info}>{STEER.working}</Line> : null
}

interface LineProps {
  readonly icon: LucideIcon
  readonly children: ReactNode
  readonly warn?: boolean
  readonly action?: ReactNode
}

function Line({ icon: Icon, children, warn = false, action }: LineProps) {
  return (
    <div className={`flex min-h-7 items-center gap-2 px-2 text-s ${warn ? 'text-warn' : 'text-soft'}`}>
      <Icon aria-hidden className="size-4 shrink-0" />
      <p className="min-w-0 flex-1 break-words">{children}</p>
      {action}
    </div>
  )
}
