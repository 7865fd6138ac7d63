// Ids chosen here: a command acts once per id.

/** A fresh id for a command. */
export function commandId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
