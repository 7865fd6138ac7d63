// Facts that are one line in the conversation.
import type { Effect, Event, Fact } from '@api'
import type { Notice } from './shape'
import type { ViewFold } from './view'

/** What a fact says in one line; none for those that are shown otherwise or not at all. `view` is from before it. */
export function noticeOf(event: Event, view: ViewFold): Notice | undefined {
  const { fact } = event
  switch (fact.type) {
    case 'reply_cut':
      // Whoever stopped it knows why; that the turn was stopped is told with its end.
      return event.actor === 'user' ? undefined : { what: 'cut', reason: fact.data.reason }
    case 'retry_planned':
      return { what: 'retry', attempt: fact.data.attempt, afterMs: fact.data.after_ms, reason: fact.data.reason }
    case 'paused':
      return { what: 'paused', by: fact.data.reason, message: fact.data.message, hint: fact.data.hint }
    case 'resumed':
      return { what: 'resumed' }
    case 'tool_withdrawn':
      return { what: 'withdrawn', tool: fact.data.tool, reason: fact.data.reason, hint: fact.data.hint }
    case 'compacted':
      return { what: 'compacted' }
    case 'log_mended':
      return { what: 'mended', bytes: fact.data.bytes }
    case 'turn_ended':
      return endingOf(fact.data.ending)
    default:
      return settingOf(fact, view)
  }
}

function endingOf(ending: Extract<Fact, { type: 'turn_ended' }>['data']['ending']): Notice | undefined {
  switch (ending.type) {
    case 'stopped':
      return { what: 'stopped' }
    case 'failed':
      return { what: 'failed', message: ending.data.message, hint: ending.data.hint }
    default:
      return undefined
  }
}

/** Changes of what the task is set up with. */
function settingOf(fact: Fact, view: ViewFold): Notice | undefined {
  switch (fact.type) {
    case 'folder_added':
      return { what: 'folder_added', about: fact.data.path }
    case 'folder_removed':
      return { what: 'folder_removed', about: fact.data.name }
    case 'mode_set':
      return { what: 'mode', about: fact.data.mode }
    case 'model_set':
      return { what: 'model', about: fact.data.model }
    case 'effort_set':
      return { what: 'effort', about: fact.data.effort ?? '' }
    case 'limits_set':
      return { what: 'limits', about: '' }
    case 'instructions_set':
      return { what: 'instructions', about: fact.data.text }
    case 'file_pinned':
      return { what: 'pinned', about: fact.data.path }
    case 'file_unpinned':
      return { what: 'unpinned', about: fact.data.path }
    case 'grant_added':
      return { what: 'granted', about: subjectOf(fact.data.allows) }
    case 'grant_revoked': {
      const grant = view.grants.find((known) => known.id === fact.data.grant)
      return { what: 'revoked', about: grant === undefined ? '' : subjectOf(grant.allows) }
    }
    default:
      return undefined
  }
}

/** What an effect is about: a path, a command, a host. */
export function subjectOf(effect: Effect): string {
  return effect.type === 'send' ? `${effect.data.connector}/${effect.data.tool}` : effect.data
}
