// Where an error is shown: beside what caused it.
import { ApiError, asApiError } from '@api'
import { UnreadableFile } from './attachments'
import { CANNOT_READ_HINT, cannotRead } from './words'

/** The part of the composer an error belongs to. */
export type Place = 'folders' | 'model' | 'attachments' | 'message'

/** Any failure of starting or sending, as an error with a code. */
export function failureOf(error: unknown): ApiError {
  if (error instanceof UnreadableFile) return new ApiError('attachment', cannotRead(error.file), CANNOT_READ_HINT)
  return asApiError(error)
}

/** The part an error belongs to, by its code. */
export function placeOf(error: ApiError): Place {
  switch (error.code) {
    case 'folder_refused':
      return 'folders'
    case 'model':
    case 'script':
    case 'no_provider':
      return 'model'
    case 'attachment':
    case 'too_large':
      return 'attachments'
    default:
      return 'message'
  }
}
