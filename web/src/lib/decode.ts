// The one place where text from outside becomes a typed value. The server is ours and its types are generated, so the
// shape is trusted; what is not JSON is an error of one kind.

/** Text that is not what it should be. */
export class DecodeError extends Error {}

/** Reads JSON of a known shape. */
export function decode<T>(text: string): T {
  try {
    return JSON.parse(text) as T
  } catch (error) {
    throw new DecodeError(`not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Reads JSON of a known shape, or gives nothing. */
export function decodeOr<T>(text: string | null | undefined, otherwise: T): T {
  if (text === null || text === undefined) return otherwise
  try {
    return JSON.parse(text) as T
  } catch {
    return otherwise
  }
}

/** A plain object, whatever it holds. */
export type Fields = Readonly<Record<string, unknown>>

/** The value as an object with fields, if it is one. */
export function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

/** A text field of an object, if there is one. */
export function textField(value: unknown, name: string): string | undefined {
  const found = fields(value)?.[name]
  return typeof found === 'string' ? found : undefined
}

/** The keys of an object whose keys are known. */
export function keysOf<K extends string>(value: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(value) as K[]
}
