// What the model said: narration in calmer ink, answers in full, thoughts folded.
import { fileAddress } from '@api'
import { IconButton, Markdown, cx } from '@kit'
import type { Item } from '@stream'
import { ChevronRight, Copy } from 'lucide-react'
import { useCallback, useId } from 'react'
import { resolvePath } from './paths'
import { copy } from './prompt'
import { useFoundIn, useKeptFlag, useSession } from './session'
import { words } from './words'

type Text = Extract<Item, { kind: 'text' }>

export function Said({ item }: { item: Text }) {
  const { onPreview, start, task } = useSession()
  const onLink = useCallback((path: string) => onPreview(resolvePath(path, start)), [onPreview, start])
  const picture = useCallback((path: string) => fileAddress(task, resolvePath(path, start)), [task, start])
  return (
    <article aria-label={words.deskhand} className="group flex flex-col gap-2">
      {item.thinking === '' ? null : <Thinking item={item} />}
      {item.text === '' ? null : (
        <div data-find className={cx('min-w-0 transition-colors', !item.answer && !item.streaming && 'text-soft')}>
          <Markdown text={item.text} streaming={item.streaming} onLink={onLink} picture={picture} />
        </div>
      )}
      {item.answer && !item.streaming ? (
        <div className="-mb-2 -ml-2 flex h-7 items-center">
          <IconButton
            label={words.text.copy}
            icon={Copy}
            size="s"
            className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
            onClick={() => copy(item.text)}
          />
        </div>
      ) : null}
    </article>
  )
}

function Thinking({ item }: { item: Text }) {
  const [unfolded, setUnfolded] = useKeptFlag(`thinking.${item.key}`, false)
  const found = useFoundIn(item.key) !== undefined
  const open = unfolded || found
  const id = useId()
  const busy = item.streaming && item.text === ''
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setUnfolded(!open)}
        className="inline-flex items-center gap-1 rounded-s text-s text-soft hover:text-ink pointer-coarse:min-h-10"
      >
        <ChevronRight aria-hidden className={cx('size-4 transition-transform', open && 'rotate-90')} />
        <span className={cx(busy && 'animate-pulse')}>{words.text.thinking}</span>
      </button>
      <div id={id} hidden={!open} data-find className="mt-1 ml-2 border-l-2 border-line pl-4 text-s break-words whitespace-pre-wrap text-soft">
        {open ? item.thinking : null}
      </div>
    </div>
  )
}
