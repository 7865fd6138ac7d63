// Everything this window can ask for. Each command carries its own id and acts once.
import { commandId } from '@lib/ids'
import { accepted, answered, ApiError, client } from './client'
import type {
  Limits, NewTaskRequest, ProviderRequest, ProviderTest, Settings, SettingsChange, Upload, Wish,
} from './types'

/** Sends a wish to a task. */
export async function send(task: string, wish: Wish): Promise<void> {
  await answered(
    client.POST('/api/v1/tasks/{id}/commands', { params: { path: { id: task } }, body: { id: commandId(), wish } }),
  )
}

/** Ids of commands whose answer never came, and when: the same command sent again must not act twice. */
const unanswered = new Map<string, { readonly id: string; readonly at: number }>()

/** Milliseconds after which the same words are meant anew: the first time may have been heard long ago. */
const AGAIN = 5 * 60_000

/** Sends a command under an id that it keeps until somebody answers, or for a while. */
async function once<T>(what: unknown, sent: (id: string) => Promise<T>): Promise<T> {
  const key = JSON.stringify(what)
  for (const [old, { at }] of unanswered) if (Date.now() - at > AGAIN) unanswered.delete(old)
  const id = unanswered.get(key)?.id ?? commandId()
  unanswered.set(key, { id, at: Date.now() })
  try {
    const answer = await sent(id)
    unanswered.delete(key)
    return answer
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'offline')) unanswered.delete(key)
    throw error
  }
}

function outline(uploads: readonly Upload[] | undefined): string[] {
  return (uploads ?? []).map((upload) => `${upload.name} ${upload.content_base64.length}`)
}

/** Says something in a task, with files handed over. Sent again after a lost answer, it is said once. */
export async function say(task: string, text: string, attachments: Upload[]): Promise<void> {
  await once(['say', task, text, outline(attachments)], (id) =>
    answered(client.POST('/api/v1/tasks/{id}/say', { params: { path: { id: task } }, body: { id, text, attachments } })),
  )
}

/** Makes a task and gives its id. Sent again after a lost answer, it makes one task. */
export async function createTask(request: Omit<NewTaskRequest, 'id'>): Promise<string> {
  const what = ['task', { ...request, attachments: outline(request.attachments) }]
  return (await once(what, (id) => answered(client.POST('/api/v1/tasks', { body: { ...request, id } })))).id
}

/** Makes the task of the example that comes with Deskhand. */
export async function tryExample(): Promise<string> {
  return (await answered(client.POST('/api/v1/example', {}))).id
}

/** Puts a task into the trash. */
export async function removeTask(task: string): Promise<void> {
  await accepted(client.DELETE('/api/v1/tasks/{id}', { params: { path: { id: task } } }))
}

/** Takes a task out of the trash. */
export async function restoreTask(task: string): Promise<void> {
  await accepted(client.POST('/api/v1/tasks/{id}/restore', { params: { path: { id: task } } }))
}

/** Shows a file on the desktop of the computer Deskhand runs on. */
export async function reveal(task: string, path: string, how: 'folder' | 'open'): Promise<void> {
  await accepted(client.POST('/api/v1/tasks/{id}/reveal', { params: { path: { id: task } }, body: { path, how } }))
}

/** Changes settings. */
export async function changeSettings(change: SettingsChange): Promise<Settings> {
  return answered(client.PATCH('/api/v1/settings', { body: change }))
}

/** Adds or changes a provider. */
export async function setProvider(name: string, provider: ProviderRequest): Promise<Settings> {
  return answered(client.PUT('/api/v1/providers/{name}', { params: { path: { name } }, body: provider }))
}

/** Forgets a provider and its key. */
export async function removeProvider(name: string): Promise<Settings> {
  return answered(client.DELETE('/api/v1/providers/{name}', { params: { path: { name } } }))
}

/** Asks a provider for its models, stored or not. */
export async function testProvider(name: string, provider: ProviderRequest): Promise<ProviderTest> {
  return answered(client.POST('/api/v1/providers/{name}/test', { params: { path: { name } }, body: provider }))
}

/** Gives up what is kept for Undo of a task; gives how many bytes that were. */
export async function emptyJournal(task: string): Promise<number> {
  return (await answered(client.DELETE('/api/v1/tasks/{id}/journal', { params: { path: { id: task } } }))).bytes
}

/** Takes a standing permission back. */
export async function revokeGrant(id: string): Promise<void> {
  await accepted(client.DELETE('/api/v1/grants/{id}', { params: { path: { id } } }))
}

/** No limit at all. */
export const NO_LIMITS: Limits = { steps: null, tokens: null, minutes: null }
