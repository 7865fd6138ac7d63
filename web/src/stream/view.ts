// The view of a task: the same fold as the daemon's (`crates/view/src/fold.rs`), fact by fact, so that the two can be
// compared. It differs only in being cheap for long logs: lists that grow are kept as maps until somebody looks.
import type { Change, Event, Ending, Fact, Mark, OutputCard, Usage, View, Withdrawn } from '@api'

/** Facts of one kind. */
export type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>

/** A view of nothing yet; the first event fills it. */
export function emptyView(task: string): View {
  return {
    task, title: '', state: 'new', head: 0, made_at: 0, changed_at: 0, turn: 0, steps: 0, mode: 'ask', model: '',
    limits: { steps: 500, tokens: null, minutes: 480 }, project: null, pinned: false, archived: false, unread: false,
    effort: null, instructions: '', pinned_files: [], uploads: [], tier: null, start: '', folders: [], grants: [],
    progress: { done: 0, total: 0, items: [] }, scratchpad: '', approvals: [], questions: [], outputs: [], changed: [],
    withdrawn: [], usage: { input: 0, output: 0, cache_read: 0, cache_write: 0 }, context_tokens: 0, paused: null,
    ending: null, last_text: '',
  }
}

/** The view of a whole log. */
export function viewOf(events: readonly Event[]): View {
  const fold = new ViewFold(events[0]?.task ?? '')
  for (const event of events) fold.apply(event)
  return fold.view()
}

/** Everything a reply says, blocks joined by a blank line. */
export function textOf(reply: FactOf<'replied'>['data']['reply']): string {
  let text = ''
  for (const block of reply.blocks) {
    if (block.type === 'text' && block.data.text !== '') text = text === '' ? block.data.text : `${text}\n\n${block.data.text}`
  }
  return text
}

/** Folds one event at a time. */
export class ViewFold {
  #view: View
  #handedOut = false
  /** By path, in the order of their last change. */
  readonly #changed = new Map<string, Change>()
  readonly #outputs = new Map<string, OutputCard>()
  readonly #stale = { changed: false, outputs: false }

  constructor(task: string) {
    this.#view = emptyView(task)
  }

  /** The view as it is now. It does not change afterwards. */
  view(): View {
    if (this.#stale.changed) this.#draft().changed = [...this.#changed.values()]
    if (this.#stale.outputs) this.#draft().outputs = [...this.#outputs.values()]
    this.#stale.changed = false
    this.#stale.outputs = false
    this.#handedOut = true
    return this.#view
  }

  /** The last event folded in. */
  get head(): number {
    return this.#view.head
  }

  /** Whether something happened that the user may not have looked at. */
  get unread(): boolean {
    return this.#view.unread
  }

  /** The grants as they are, for telling what a revoked one was about. */
  get grants(): View['grants'] {
    return this.#view.grants
  }

  /** The turn under way, or the last one. */
  get turn(): number {
    return this.#view.turn
  }

  /** Folds one more event; one at or below `head` is ignored and gives false. */
  apply(event: Event): boolean {
    if (event.seq <= this.#view.head) return false
    const view = this.#draft()
    view.head = event.seq
    // A mark is no work and moves nothing in Recents.
    if (event.fact.type !== 'marked') view.changed_at = event.at
    foldSetup(view, event.fact, event.at)
    foldJob(view, event.fact)
    this.#foldWork(view, event.fact)
    foldAsking(view, event.fact)
    foldState(view, event.fact)
    foldAttention(view, event.fact)
    return true
  }

  /** What was handed out is not changed: a copy takes its place. Its lists are replaced, never changed. */
  #draft(): View {
    if (this.#handedOut) {
      this.#view = { ...this.#view }
      this.#handedOut = false
    }
    return this.#view
  }

  #foldWork(view: View, fact: Fact): void {
    switch (fact.type) {
      case 'said':
        if (fact.data.attachments !== undefined) view.uploads = [...view.uploads, ...fact.data.attachments]
        return
      case 'turn_started':
        view.turn = fact.data.turn
        return
      case 'step_started':
        view.steps = fact.data.step
        return
      case 'replied': {
        const { usage } = fact.data.reply
        view.usage = added(view.usage, usage)
        view.context_tokens = usage.input + (usage.cache_read ?? 0) + (usage.cache_write ?? 0)
        const text = textOf(fact.data.reply)
        if (text !== '') view.last_text = text
        return
      }
      case 'plan_set': {
        const { items } = fact.data
        view.progress = { done: items.filter((item) => item.state === 'done').length, total: items.length, items }
        return
      }
      case 'note_set':
        view.scratchpad = fact.data.text
        return
      case 'files_changed':
        for (const change of fact.data.changes) renew(this.#changed, change.path, change)
        this.#stale.changed = true
        return
      case 'presented':
        for (const { path, title, bytes, media } of fact.data.files) {
          renew(this.#outputs, path, { path, title, bytes, media, turn: view.turn })
        }
        this.#stale.outputs = true
        return
      default:
    }
  }
}

/** Puts an entry last, wherever it stood. */
function renew<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
}

/** The sum of two. */
export function added(one: Usage, other: Usage): Usage {
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    cache_read: (one.cache_read ?? 0) + (other.cache_read ?? 0),
    cache_write: (one.cache_write ?? 0) + (other.cache_write ?? 0),
  }
}

function foldSetup(view: View, fact: Fact, at: number): void {
  switch (fact.type) {
    case 'task_created': {
      const { title, mode, model, folders, limits, project } = fact.data
      const first = folders[0]
      view.made_at = at
      view.title = title
      view.mode = mode
      view.model = model
      view.start = first === undefined ? '/outputs' : `/work/${first.name}`
      view.folders = folders
      view.limits = limits
      view.project = project ?? null
      return
    }
    case 'folder_added':
      view.folders = [...view.folders.filter((known) => known.name !== fact.data.name), fact.data]
      return
    case 'folder_removed':
      view.folders = view.folders.filter((known) => known.name !== fact.data.name)
      return
    case 'mode_set':
      view.mode = fact.data.mode
      return
    case 'model_set':
      view.model = fact.data.model
      return
    case 'limits_set':
      view.limits = fact.data.limits
      return
    case 'titled':
      view.title = fact.data.title
      return
    case 'instructions_set':
      view.instructions = fact.data.text
      return
    case 'effort_set':
      view.effort = fact.data.effort ?? null
      return
    default:
  }
}

function foldJob(view: View, fact: Fact): void {
  switch (fact.type) {
    case 'file_pinned':
      if (!view.pinned_files.includes(fact.data.path)) view.pinned_files = [...view.pinned_files, fact.data.path]
      return
    case 'file_unpinned':
      view.pinned_files = view.pinned_files.filter((known) => known !== fact.data.path)
      return
    case 'marked':
      foldMark(view, fact.data)
      return
    case 'grant_added':
      view.grants = [...view.grants, fact.data]
      return
    case 'grant_revoked':
      view.grants = view.grants.filter((known) => known.id !== fact.data.grant)
      return
    case 'sandbox_started':
      view.tier = fact.data.tier
      if (fact.data.folders_read_only === true) view.folders_read_only = true
      else delete view.folders_read_only
      return
    // What could not be used before is tried again.
    case 'turn_started':
    case 'resumed':
      view.withdrawn = none(view.withdrawn)
      return
    case 'said':
      if (view.paused != null) view.withdrawn = none(view.withdrawn)
      return
    case 'tool_withdrawn': {
      const { tool, reason, hint } = fact.data
      view.withdrawn = [...view.withdrawn.filter((known) => known.tool !== tool), { tool, reason, hint } satisfies Withdrawn]
      return
    }
    default:
  }
}

function foldMark(view: View, mark: Mark): void {
  switch (mark.type) {
    case 'pinned':
      view.pinned = true
      return
    case 'unpinned':
      view.pinned = false
      return
    case 'archived':
      view.archived = true
      return
    case 'unarchived':
      view.archived = false
      return
    case 'seen':
      view.unread = false
      return
    case 'unseen':
      view.unread = true
      return
    case 'project':
      view.project = mark.data.name ?? null
      return
    default:
  }
}

/** What the user may not have looked at. Whoever speaks, answers, stops or pauses has looked. */
function foldAttention(view: View, fact: Fact): void {
  switch (fact.type) {
    case 'turn_ended':
      view.unread = fact.data.ending.type !== 'stopped'
      return
    case 'paused':
      view.unread = fact.data.reason !== 'user'
      return
    case 'approval_asked':
    case 'question_asked':
      view.unread = true
      return
    case 'said':
    case 'approval_answered':
    case 'question_answered':
      view.unread = false
      return
    default:
  }
}

/** What waits for the user. */
function foldAsking(view: View, fact: Fact): void {
  switch (fact.type) {
    case 'approval_asked':
      // Asked again for the same call before it runs: only the newest counts. A running call may wait for several answers.
      view.approvals = [...view.approvals.filter((known) => fact.data.running === true || known.call !== fact.data.call), fact.data]
      return
    case 'approval_answered':
      view.approvals = view.approvals.filter((known) => known.id !== fact.data.approval)
      return
    case 'question_asked':
      view.questions = [...view.questions, [fact.data.question, fact.data.questions]]
      return
    case 'question_answered':
      view.questions = view.questions.filter(([known]) => known !== fact.data.question)
      return
    case 'tool_finished':
      if (view.approvals.length > 0) view.approvals = view.approvals.filter((known) => known.call !== fact.data.call)
      return
    case 'turn_ended':
      view.approvals = none(view.approvals)
      view.questions = none(view.questions)
      return
    default:
  }
}

/** An empty list keeps its identity. */
function none<T>(list: T[]): T[] {
  return list.length === 0 ? list : []
}

function foldState(view: View, fact: Fact): void {
  switch (fact.type) {
    case 'paused':
      view.paused = [fact.data.message, fact.data.hint]
      break
    case 'resumed':
      view.paused = null
      break
    // A message begins the next turn, even where Deskhand ends before it can say so.
    case 'said':
    case 'turn_started':
      view.ending = null
      view.paused = null
      break
    case 'turn_ended':
      view.ending = fact.data.ending
      view.paused = null
      break
    default:
  }
  view.state = stateOf(view, view.ending ?? null)
}

function stateOf(view: View, ending: Ending | null): View['state'] {
  if (ending !== null) return ending.type
  if (view.paused != null) return 'paused'
  if (view.approvals.length > 0 || view.questions.length > 0) return 'needs_you'
  return view.turn === 0 ? 'new' : 'working'
}
