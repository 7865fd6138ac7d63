// Server-sent events as text (WHATWG HTML, section 9.2), read from a response so that its status and its errors are seen.

/** One event of the stream. A frame without a name is called `message`. */
export interface Frame {
  readonly name: string
  readonly data: string
}

/** Puts frames together from pieces of text, wherever the pieces are cut. */
export class FrameParser {
  #rest = ''
  #name = ''
  #data: string | undefined

  /** Takes a piece and gives the frames that are whole now. */
  push(piece: string): Frame[] {
    const frames: Frame[] = []
    const text = this.#rest + piece
    let from = 0
    for (let end = text.indexOf('\n', from); end >= 0; end = text.indexOf('\n', from)) {
      const line = text.slice(from, text[end - 1] === '\r' ? end - 1 : end)
      from = end + 1
      if (line === '') {
        if (this.#data !== undefined) frames.push({ name: this.#name === '' ? 'message' : this.#name, data: this.#data })
        this.#name = ''
        this.#data = undefined
      } else {
        this.#line(line)
      }
    }
    this.#rest = text.slice(from)
    return frames
  }

  #line(line: string): void {
    const colon = line.indexOf(':')
    // A comment: it keeps the connection alive.
    if (colon === 0) return
    const field = colon < 0 ? line : line.slice(0, colon)
    const after = colon < 0 ? '' : line.slice(colon + 1)
    const value = after.startsWith(' ') ? after.slice(1) : after
    if (field === 'event') this.#name = value
    if (field === 'data') this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
  }
}
