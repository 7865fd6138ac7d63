// Files of a task: their addresses and their content.
import { ApiError, offline } from './client'
import { decodeOr } from '@lib/decode'
import type { ErrorBody } from './types'

/** The address of a file of a task, for showing. `path` is the one the model knows, such as `/outputs/report.md`. */
export function fileAddress(task: string, path: string): string {
  return `/api/v1/tasks/${encodeURIComponent(task)}/files?path=${encodeURIComponent(path)}`
}

/** The address that saves a file instead of showing it. */
export function downloadAddress(task: string, path: string): string {
  return `${fileAddress(task, path)}&download=true`
}

/** The address that saves a whole task as one archive. */
export function exportAddress(task: string): string {
  return `/api/v1/tasks/${encodeURIComponent(task)}/export`
}

/** The bytes of a file; refuses more than `most`. */
export async function fileBytes(task: string, path: string, most: number, signal?: AbortSignal): Promise<ArrayBuffer> {
  let response: Response
  try {
    response = await fetch(fileAddress(task, path), signal === undefined ? {} : { signal })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw offline()
  }
  if (!response.ok) {
    const body = decodeOr<ErrorBody>(await response.text(), { code: 'internal', message: `status ${response.status}` })
    throw new ApiError(body.code, body.message, body.hint)
  }
  const length = Number(response.headers.get('content-length') ?? '0')
  if (length > most) {
    await response.body?.cancel()
    throw new ApiError('too_large', 'the file is too large for a preview', 'Download it to look at it.')
  }
  return response.arrayBuffer()
}

/** The text of a file; refuses more than `most` bytes. */
export async function fileText(task: string, path: string, most: number, signal?: AbortSignal): Promise<string> {
  return new TextDecoder().decode(await fileBytes(task, path, most, signal))
}
