// Logs for the tests of the stream: facts become events, events become one line per item.
import type { Approval, Block, Event, Fact, Question } from '@api'
import type { Item } from '@stream'

/** Events of one task from facts, a second apart. What the user does is told by the user. */
export function log(facts: readonly Fact[], from = 1): Event[] {
  return facts.map((fact, index) => ({
    seq: from + index,
    at: (from + index) * 1000,
    task: 'task',
    actor: fact.type === 'said' || fact.type === 'approval_answered' ? 'user' : 'engine',
    prev: '0'.repeat(32),
    fact,
  }))
}

export const created: Fact = {
  type: 'task_created',
  data: {
    title: 'First', mode: 'ask', model: 'p/m', folders: [{ name: 'a', path: '/home/ann/a', access: 'read_write' }],
    limits: { steps: 500, tokens: null, minutes: 480 }, made_by: 'test',
  },
}

export const said = (text: string): Fact => ({ type: 'said', data: { text } })
export const turn = (number: number): Fact => ({ type: 'turn_started', data: { turn: number } })
export const step = (number: number): Fact => ({ type: 'step_started', data: { step: number, model: 'p/m' } })
export const words = (text: string): Block => ({ type: 'text', data: { text } })
export const thinking = (text: string): Block => ({ type: 'thinking', data: { text } })
export const call = (id: string, tool = 'Look'): Block => ({ type: 'tool_call', data: { id, tool, input: {} } })
export const started = (id: string, tool = 'Look'): Fact => ({ type: 'tool_started', data: { call: id, tool, effects: [] } })
export const done = (number = 1): Fact => ({ type: 'turn_ended', data: { turn: number, ending: { type: 'done' } } })
export const stopped = (number = 1): Fact => ({ type: 'turn_ended', data: { turn: number, ending: { type: 'stopped' } } })

export function replied(number: number, ...blocks: Block[]): Fact {
  const reply = { blocks, stop: { type: 'finished' } as const, usage: { input: 10, output: 2 }, model: 'm', dialect: 'd' }
  return { type: 'replied', data: { step: number, reply, ms: 5 } }
}

export function finished(id: string, outcome: 'ok' | 'failed' | 'denied' | 'stopped' | 'unknown' = 'ok'): Fact {
  return { type: 'tool_finished', data: { call: id, outcome, output: [{ type: 'text', data: `saw ${id}` }], ms: 7 } }
}

export function approval(id: string, about: string): Approval {
  return { id, call: about, tool: 'Change', input: {}, effects: [], reason: 'it changes a file', binds: '0', offers: ['once'] }
}

export const asked = (id: string, about: string): Fact => ({ type: 'approval_asked', data: approval(id, about) })
export const allowed = (id: string): Fact => ({
  type: 'approval_answered', data: { approval: id, answer: { type: 'allow', data: { scope: 'once' } } },
})

export const question: Question = { text: 'Which unit?', header: 'Unit', choices: [], several: false }

/** One item as one line: what a reader meets, without times. */
export function line(item: Item): string {
  switch (item.kind) {
    case 'prompt':
      return `prompt ${item.text}${item.waiting ? ' (waiting)' : ''}`
    case 'text': {
      const flags = [item.thinking === '' ? '' : `thinking ${item.thinking}`, item.streaming ? 'streaming' : '', item.answer ? 'answer' : '']
      return ['text', item.text, ...flags].filter((word) => word !== '').join(' | ')
    }
    case 'calls':
      return `calls ${item.calls.map((made) => `${made.id}:${made.state}`).join(' ')}`
    case 'approval':
      return `approval ${item.approval.id}${item.answer === undefined ? '' : ` ${item.answer.type}`}${item.moot ? ' moot' : ''}`
    case 'question':
      return `question ${item.question}${item.answers === undefined ? '' : ' answered'}${item.moot ? ' moot' : ''}`
    case 'outputs':
      return `outputs ${item.files.map((file) => file.path).join(' ')}`
    case 'notice':
      return `notice ${item.notice.what}`
  }
}
