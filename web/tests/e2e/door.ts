// The API as a test uses it beside the page: with the bearer token, typed by the generated client.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { paths } from '../../src/api/generated/schema'
import type { Event, Fact, Mode, TaskSummary, Wish } from '../../src/api/types'
import type { Daemon } from './world'

interface NewTask {
  prompt: string
  model: string
  mode?: Mode
  folders?: readonly string[]
}

export class Door {
  private readonly client
  private serial = 0

  constructor(daemon: Daemon) {
    this.client = createClient<paths>({ baseUrl: daemon.origin, headers: { authorization: `Bearer ${daemon.token}` } })
  }

  /** Makes a task and gives its id. */
  async make({ prompt, model, mode = 'ask', folders = [] }: NewTask): Promise<string> {
    const { data, error } = await this.client.POST('/api/v1/tasks', {
      body: {
        id: this.id(), prompt, model, mode,
        folders: folders.map((path) => ({ path, access: 'read_write' as const })),
      },
    })
    assert.equal(error, undefined)
    assert.ok(data)
    return data.id
  }

  async wish(task: string, wish: Wish): Promise<void> {
    const { error } = await this.client.POST('/api/v1/tasks/{id}/commands', {
      params: { path: { id: task } }, body: { id: this.id(), wish },
    })
    assert.equal(error, undefined)
  }

  async view(task: string) {
    const { data, error } = await this.client.GET('/api/v1/tasks/{id}', { params: { path: { id: task } } })
    assert.equal(error, undefined)
    assert.ok(data)
    return data
  }

  async events(task: string): Promise<Event[]> {
    const { data, error } = await this.client.GET('/api/v1/tasks/{id}/events', {
      params: { path: { id: task }, query: { after: 0, limit: 100_000 } },
    })
    assert.equal(error, undefined)
    assert.ok(data)
    return data
  }

  /** The facts of one kind in a task's log. */
  async facts<K extends Fact['type']>(task: string, kind: K): Promise<Extract<Fact, { type: K }>[]> {
    const is = (fact: Fact): fact is Extract<Fact, { type: K }> => fact.type === kind
    return (await this.events(task)).map((event) => event.fact).filter(is)
  }

  async tasks(shelf: 'current' | 'pinned' | 'archived' = 'current'): Promise<TaskSummary[]> {
    const { data, error } = await this.client.GET('/api/v1/tasks', { params: { query: { shelf, limit: 100, offset: 0 } } })
    assert.equal(error, undefined)
    assert.ok(data)
    return data
  }

  private id(): string {
    this.serial += 1
    return `test-${process.pid}-${Date.now()}-${this.serial}`
  }
}
