// Undo with its preview: what would change, file by file, before anything does.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { CircleSlash, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { asApiError, send, undoPlanQuery, type UndoSelection } from '@api'
import { Button, Dialog, Empty, ErrorNote, Notice, RadioCards, Skeleton, toast } from '@kit'
import { useTask, useTurns, useView, type TaskStore } from '@stream'
import { changing, narrowed, scopeOf, scopesOf, turnOf, type Scope } from './plan'
import { Steps } from './steps'
import { useUndo } from './use-undo'
import { words } from './words'

export interface UndoDialogProps {
  task: string
  /** What to undo; nothing closes the dialog. */
  selection: UndoSelection | undefined
  onClose: () => void
}

export function UndoDialog({ task, selection, onClose }: UndoDialogProps) {
  if (selection === undefined) return null
  return <Open key={JSON.stringify(selection)} task={task} selection={selection} onClose={onClose} />
}

function Open({ task, selection, onClose }: { task: string; selection: UndoSelection; onClose: () => void }) {
  const store = useTask(task)
  const running = useView(store, (view) => view.state) === 'working'
  const lastTurn = useTurns(store).findLast((turn) => turn.changed > 0)?.turn
  const [scope, setScope] = useState(() => scopeOf(selection))
  const redo = scope === undefined
  const wanted = scope === undefined ? selection : narrowed(selection, scope, lastTurn)
  const plan = useQuery({ ...undoPlanQuery(task, wanted), placeholderData: keepPreviousData })
  const steps = plan.data?.steps ?? []
  const count = changing(steps)
  const undo = useUndo(store, (changed) => {
    onClose()
    if (redo) toast(words.redone(changed))
    else toast(words.undone(changed), { action: { label: words.redoAction, run: () => sendRedo(task) } })
  })
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={redo ? words.redoTitle : words.title}
      description={redo ? words.redoIntro : words.intro}
      footer={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button
            variant="primary"
            icon={Undo2}
            busy={undo.state === 'working'}
            disabled={running || count === 0 || plan.isPlaceholderData}
            onClick={() => undo.start(wanted)}
          >
            {redo ? words.redo(count) : words.undo(count)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {scope !== undefined && <Scopes store={store} selection={selection} lastTurn={lastTurn} scope={scope} onScope={setScope} />}
        {running && <Running task={task} />}
        {undo.state === 'late' && <Notice tone="warn">{words.late}</Notice>}
        {undo.error !== undefined && <ErrorNote message={undo.error.message} hint={undo.error.hint} action={undo.error.code === 'refused' ? <StopButton task={task} /> : undefined} />}
        {plan.isPending ? (
          <Skeleton lines={4} />
        ) : plan.isError ? (
          <PlanError error={plan.error} onRetry={() => void plan.refetch()} />
        ) : steps.length === 0 ? (
          <Empty icon={CircleSlash} title={redo ? words.nothingRedo : words.nothing}>
            {redo ? words.nothingRedoAbout : words.nothingAbout}
          </Empty>
        ) : (
          <>
            {count === 0 && <Notice tone="info">{words.onlyConflicts}</Notice>}
            <Steps steps={steps} />
          </>
        )}
      </div>
    </Dialog>
  )
}

function PlanError({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { message, hint } = asApiError(error)
  return <ErrorNote message={message} hint={hint} onRetry={onRetry} />
}

interface ScopesProps {
  store: TaskStore
  selection: UndoSelection
  lastTurn: number | undefined
  scope: Scope
  onScope: (scope: Scope) => void
}

function Scopes({ store, selection, lastTurn, scope, onScope }: ScopesProps) {
  const scopes = scopesOf(selection, lastTurn)
  const turns = useTurns(store)
  const turn = turnOf(selection, lastTurn)
  if (scopes.length < 2) return null
  const about = (each: Scope) => {
    switch (each) {
      case 'file':
        return words.scopeAbout.file(selection.path ?? '')
      case 'turn':
        return words.scopeAbout.turn(turn ?? 0, turns.find((known) => known.turn === turn)?.changed ?? 0)
      case 'task':
        return words.scopeAbout.task()
    }
  }
  return (
    <RadioCards
      label={words.scope}
      value={scope}
      onValueChange={onScope}
      options={scopes.map((each) => ({ value: each, label: words.scopeLabel[each], description: about(each) }))}
    />
  )
}

/** While the task works, files stay as they are; stopping is the next step. */
function Running({ task }: { task: string }) {
  return (
    <Notice tone="warn" title={words.running}>
      <div className="flex flex-wrap items-center gap-3">
        <span className="min-w-0 flex-1">{words.runningAbout}</span>
        <StopButton task={task} />
      </div>
    </Notice>
  )
}

function StopButton({ task }: { task: string }) {
  const [stopping, setStopping] = useState(false)
  const stop = () => {
    setStopping(true)
    send(task, { type: 'stop' }).catch((error: unknown) => {
      setStopping(false)
      toast(asApiError(error).message, { tone: 'bad' })
    })
  }
  return (
    <Button size="s" busy={stopping} onClick={stop}>
      {words.stop}
    </Button>
  )
}

function sendRedo(task: string): void {
  send(task, { type: 'undo', data: { selection: { redo: true } } }).catch((error: unknown) => {
    const { message, hint } = asApiError(error)
    toast(hint === undefined ? message : `${message}. ${hint}`, { tone: 'bad' })
  })
}
