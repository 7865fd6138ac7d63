// Saving what an address gives, without leaving the page: also where the answer is an error.

/** Saves it under the name the server gives, or under `name`. */
export function saveFrom(address: string, name = ''): void {
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
}
