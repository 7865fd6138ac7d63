// What the user said.
import { Chip, IconButton, toast } from '@kit'
import type { Item } from '@stream'
import { Clock, Copy, Paperclip } from 'lucide-react'
import { copyText } from '@lib/clipboard'
import { moment } from '@lib/format'
import { useFoundIn, useKeptFlag } from './session'
import { words } from './words'

/** Characters above which a message is folded. */
const LONG = 3000

export function Prompt({ item }: { item: Extract<Item, { kind: 'prompt' }> }) {
  const [whole, setWhole] = useKeptFlag(`prompt.${item.key}`, false)
  const found = useFoundIn(item.key) !== undefined
  const text = item.text.length > LONG && !whole && !found ? `${item.text.slice(0, LONG)} …` : item.text
  return (
    <article aria-label={words.you} className="group flex flex-col items-end gap-1 pt-4">
      <div data-find title={moment(item.at)} className="flex max-w-[84%] flex-col gap-2 rounded-l rounded-br-sm bg-tint px-4 py-3">
        {/* 84%: the column's own measure, so that a prompt never looks like an answer. */}
        {text === '' ? null : (
          <p dir="auto" className="break-words whitespace-pre-wrap">
            {text}
          </p>
        )}
        {text === item.text ? null : (
          <button type="button" className="self-start text-s text-accent underline underline-offset-4" onClick={() => setWhole(true)}>
            {words.prompt.more}
          </button>
        )}
        {item.attachments.length === 0 ? null : (
          <ul className="flex flex-wrap gap-2">
            {item.attachments.map((file, index) => (
              <li key={index}>
                <Chip icon={Paperclip} title={words.prompt.attached(file.name, file.bytes)}>{file.name}</Chip>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="-mb-2 flex h-7 items-center gap-2 text-xs text-soft">
        {item.waiting ? (
          <span className="inline-flex items-center gap-1">
            <Clock aria-hidden className="size-3" />
            {words.prompt.waiting}
          </span>
        ) : null}
        <IconButton
          label={words.prompt.copy}
          icon={Copy}
          size="s"
          className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
          onClick={() => copy(item.text)}
        />
      </div>
    </article>
  )
}

/** Copies and says so. */
export function copy(text: string): void {
  void copyText(text).then((done) => toast(done ? words.copied : words.notCopied, { tone: done ? 'ok' : 'warn' }))
}
