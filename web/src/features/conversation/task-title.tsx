// The title of a task, which is also where it is renamed.
import { send } from '@api'
import { cx } from '@kit'
import { useView, type TaskStore } from '@stream'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { visible } from '@lib/visible'
import { complain } from './use-command'
import { words } from './words'

export interface TaskTitleProps {
  store: TaskStore
  editing: boolean
  onEditing: (editing: boolean) => void
}

export function TaskTitle({ store, editing, onEditing }: TaskTitleProps) {
  const title = useView(store, (view) => view.title)
  if (editing) return <TitleField store={store} title={title} onDone={() => onEditing(false)} />
  return (
    <h1 className="flex min-w-0 text-m font-semibold">
      <button
        type="button"
        title={words.header.renameHint}
        onClick={() => onEditing(true)}
        className={cx('-mx-1 min-w-0 truncate rounded-s px-1 text-left hover:bg-hover', title === '' && 'text-faint')}
      >
        {visible(title, 'escape') || words.header.title}
      </button>
    </h1>
  )
}

const LONGEST = 200

function TitleField({ store, title, onDone }: { store: TaskStore; title: string; onDone: () => void }) {
  const [text, setText] = useState(title)
  const field = useRef<HTMLInputElement>(null)
  const closed = useRef(false)
  useEffect(() => {
    // After the menu that may have led here gave the focus back.
    const frame = requestAnimationFrame(() => field.current?.select())
    return () => cancelAnimationFrame(frame)
  }, [])
  const close = (keep: boolean) => {
    if (closed.current) return
    closed.current = true
    const wanted = text.trim()
    if (keep && wanted !== '' && wanted !== title) {
      send(store.id, { type: 'rename', data: { title: wanted } }).catch((error: unknown) => complain(words.header.failed.rename, error))
    }
    onDone()
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter') close(true)
    if (event.key === 'Escape') close(false)
  }
  return (
    <input
      ref={field}
      type="text"
      aria-label={words.header.title}
      maxLength={LONGEST}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => close(true)}
      onKeyDown={keys}
      className="h-8 min-w-0 flex-1 rounded-s border border-edge bg-panel px-2 text-m font-semibold pointer-coarse:h-10"
    />
  )
}
