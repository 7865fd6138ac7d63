// The text of a job or message: it grows with what is typed, takes pasted files, and has the slash menu.
import { useCallback, useEffect, useId, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import type { ClipboardEvent, KeyboardEvent, Ref, RefObject } from 'react'
import { cx } from '@kit'
import { pastedFiles } from './attachments'
import { moved, sends } from './keys'
import type { Sending } from './keys'
import { fitting, slashAt, without } from './slash'
import type { Slash, SlashCommand } from './slash'
import { SlashMenu } from './slash-menu'

/** What the composer around it may do with the text field. */
export interface EditorHandle {
  readonly focus: () => void
}

export interface EditorProps {
  readonly ref?: Ref<EditorHandle> | undefined
  /** The accessible name. */
  readonly label: string
  readonly placeholder: string
  /** How the keys work, for screen readers. */
  readonly keys: string
  readonly text: string
  readonly onText: (text: string) => void
  readonly sending: Sending
  readonly onSend: () => void
  readonly commands: readonly SlashCommand[]
  readonly onFiles: (files: readonly File[]) => void
  readonly disabled?: boolean | undefined
  /** The words are on their way: they can be read, not changed. */
  readonly readOnly?: boolean | undefined
  /** Whether the menu opens over or under the text. */
  readonly menu: 'above' | 'below'
  readonly className?: string | undefined
}

export function Editor({ ref, menu, keys, label, placeholder, text, onText, commands, sending, onSend, onFiles, disabled = false, readOnly = false, className }: EditorProps) {
  const id = useId()
  const area = useGrowing(text)
  const place = useCallback((caret: number) => area.current?.setSelectionRange(caret, caret), [area])
  const slash = useSlash({ text, onText, commands, place })
  useImperativeHandle(ref, () => ({ focus: () => area.current?.focus() }), [area])
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (slash.key(event)) return
    const { key, shiftKey, ctrlKey, metaKey, altKey, nativeEvent } = event
    if (!sends({ key, shiftKey, ctrlKey, metaKey, altKey, composing: nativeEvent.isComposing }, sending)) return
    event.preventDefault()
    onSend()
  }
  const onPaste = (event: ClipboardEvent) => {
    const files = pastedFiles(event.clipboardData.types, Array.from(event.clipboardData.files))
    if (files.length === 0) return
    event.preventDefault()
    onFiles(files)
  }
  const option = (at: number) => `${id}-${at}`
  return (
    <div className="relative">
      <textarea
        ref={area}
        value={text}
        rows={1}
        disabled={disabled}
        readOnly={readOnly}
        placeholder={placeholder}
        aria-label={label}
        aria-describedby={`${id}-keys`}
        aria-autocomplete="list"
        aria-controls={slash.open ? `${id}-list` : undefined}
        aria-activedescendant={slash.open ? option(slash.at) : undefined}
        onChange={(event) => slash.typed(event.target.value, event.target.selectionStart)}
        onSelect={(event) => slash.moveCaret(event.currentTarget.selectionStart)}
        onBlur={slash.close}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        // A share of the window's height: no token stands for that.
        className={cx(
          'field-sizing-content block max-h-[40dvh] w-full resize-none overflow-y-auto bg-transparent px-4 pt-3 text-m outline-none placeholder:text-faint focus-visible:outline-none disabled:opacity-55 pointer-coarse:text-l',
          className,
        )}
      />
      <p id={`${id}-keys`} className="sr-only">
        {keys}
      </p>
      {slash.open && (
        <SlashMenu id={`${id}-list`} option={option} commands={slash.found} at={slash.at} onMark={slash.mark} onPick={slash.pick} place={menu} />
      )}
    </div>
  )
}

/** Browsers that cannot size a text field by its content get its height set. */
function useGrowing(text: string): RefObject<HTMLTextAreaElement | null> {
  const area = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    const field = area.current
    if (field === null || CSS.supports('field-sizing', 'content')) return
    field.style.height = 'auto'
    field.style.height = `${field.scrollHeight}px`
  }, [text])
  return area
}

interface SlashNeeds {
  readonly text: string
  readonly onText: (text: string) => void
  readonly commands: readonly SlashCommand[]
  /** Puts the caret somewhere. */
  readonly place: (caret: number) => void
}

interface SlashHold {
  readonly open: boolean
  readonly found: readonly SlashCommand[]
  readonly at: number
  readonly mark: (at: number) => void
  readonly pick: (at: number) => void
  readonly typed: (text: string, caret: number) => void
  readonly moveCaret: (caret: number) => void
  readonly close: () => void
  /** Whether the key was the menu's. */
  readonly key: (event: KeyboardEvent) => boolean
}

/** The slash menu beside the text: which commands fit, which is marked, and what its keys do. */
function useSlash({ text, onText, commands, place }: SlashNeeds): SlashHold {
  // Where the caret is while somebody types here; nowhere once the menu was closed, until the next letter.
  const [caret, setCaret] = useState(-1)
  const [at, setAt] = useState(0)
  const placed = useRef<number | undefined>(undefined)
  useEffect(() => {
    if (placed.current === undefined) return
    place(placed.current)
    placed.current = undefined
  }, [place, text])
  const slash: Slash | undefined = caret < 0 ? undefined : slashAt(text, caret)
  const found = slash === undefined ? [] : fitting(commands, slash.query)
  const open = found.length > 0
  const marked = Math.min(at, found.length - 1)
  const close = () => setCaret(-1)
  const pick = (which: number) => {
    const command = found[which]
    if (slash === undefined || command === undefined) return
    const left = without(text, slash)
    placed.current = left.caret
    onText(left.text)
    close()
    command.run()
  }
  const key = (event: KeyboardEvent): boolean => {
    if (!open || event.nativeEvent.isComposing) return false
    const next = moved(event.key, marked, found.length)
    const picks = (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && !event.shiftKey) || (event.key === 'Tab' && !event.shiftKey)
    if (next !== undefined) setAt(next)
    else if (picks) pick(marked)
    else if (event.key === 'Escape') close()
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }
  return {
    open,
    found,
    at: marked,
    mark: setAt,
    pick,
    typed: (next, where) => {
      onText(next)
      setCaret(where)
      setAt(0)
    },
    // Moving about follows an open menu; it does not open one.
    moveCaret: (where) => setCaret((before) => (before < 0 ? before : where)),
    close,
    key,
  }
}
