// What a screen reader is told while a task runs: what waits for the reader at once, the rest when there is time.
import { announce, untick } from '@kit'
import { useItems, useView, type Item, type TaskStore } from '@stream'
import { useEffect, useRef } from 'react'
import { visible } from '@lib/visible'
import { deletionOf } from './deletion'
import { approvalTitle } from './effects'
import { words } from './words'

/** Characters of an answer that are read out; the rest is in the conversation. */
const LONGEST = 400

export function useAnnouncements(store: TaskStore, loaded: boolean): void {
  const { items } = useItems(store)
  const state = useView(store, (view) => view.state)
  const known = useRef<Set<string>>(undefined)
  useEffect(() => {
    if (!loaded) return
    // Only the end can hold something new to say. What was told stays known: rows that are taken back bring older ones
    // to the end again.
    const opening = known.current === undefined
    const before = (known.current ??= new Set(items.filter(tellable).map((item) => item.key)))
    for (const item of items.slice(-20)) {
      if (!tellable(item)) continue
      // What was there on opening is read by the reader, not at the reader; except what waits for an answer.
      if (opening ? item.kind !== 'notice' : !before.has(item.key)) say(item)
      before.add(item.key)
    }
  }, [items, loaded])
  const was = useRef<string>(undefined)
  useEffect(() => {
    if (!loaded) return
    if (was.current !== undefined && was.current !== state && state === 'done') {
      announce(words.finished(store.view.last_text.slice(0, LONGEST)), 'polite')
    }
    was.current = state
  }, [loaded, state, store])
}

function tellable(item: Item): boolean {
  return item.kind === 'approval' || item.kind === 'question' || item.kind === 'notice'
}

function say(item: Item): void {
  if (item.kind === 'approval' && item.answer === undefined && !item.moot) {
    announce(words.approval.announce(approvalTitle(item.approval, deletionOf(item.approval))), 'assertive')
  } else if (item.kind === 'question' && item.answers === undefined && !item.moot) {
    announce(words.question.announce(item.questions.map((question) => visible(question.text, 'escape')).join(' ')), 'assertive')
  } else if (item.kind === 'notice' && item.notice.what === 'failed') {
    announce(untick(words.failedAloud(`${item.notice.message}. ${item.notice.hint}`)), 'assertive')
  } else if (item.kind === 'notice' && item.notice.what === 'paused' && item.notice.by !== 'user') {
    announce(untick(words.pausedAloud(`${item.notice.message}. ${item.notice.hint}`)), 'assertive')
  }
}
