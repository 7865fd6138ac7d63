// What the menu asks before it acts: the name of a new project, and whether to delete.
import { useState, type FormEvent } from 'react'
import type { TaskSummary } from '@api'
import { Button, Confirm, Dialog, TextField } from '@kit'
import type { TaskActions } from './actions'
import { words } from './words'

export interface Asking {
  readonly what: 'delete' | 'project'
  readonly task: TaskSummary
}

export interface TaskAsksProps {
  asking: Asking | undefined
  actions: TaskActions
  onClose: () => void
  onRemoved: (id: string) => void
}

function ProjectName({ task, actions, onClose }: { task: TaskSummary; actions: TaskActions; onClose: () => void }) {
  const [name, setName] = useState('')
  const done = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === '') return
    actions.move(task, name.trim())
    onClose()
  }
  return (
    <form onSubmit={done} className="flex flex-col gap-6 pb-2">
      <TextField label={words.project.label} value={name} maxLength={120} onChange={(event) => setName(event.target.value)} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{words.project.cancel}</Button>
        <Button type="submit" variant="primary" disabled={name.trim() === ''}>
          {words.project.action}
        </Button>
      </div>
    </form>
  )
}

export function TaskAsks({ asking, actions, onClose, onRemoved }: TaskAsksProps) {
  const task = asking?.task
  const remove = async () => {
    if (task !== undefined && (await actions.remove(task))) onRemoved(task.id)
  }
  const close = (open: boolean) => {
    if (!open) onClose()
  }
  return (
    <>
      <Dialog open={asking?.what === 'project'} onOpenChange={close} title={words.project.title} description={words.project.text} size="s">
        {task !== undefined && <ProjectName task={task} actions={actions} onClose={onClose} />}
      </Dialog>
      <Confirm
        open={asking?.what === 'delete'}
        onOpenChange={close}
        title={words.remove.title(task?.title ?? '')}
        description={words.remove.text}
        action={words.remove.action}
        danger
        onConfirm={remove}
      />
    </>
  )
}
