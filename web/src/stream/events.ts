// The stored events of a task, read while they arrive: a giant's megabytes are decoded and folded piece by piece, so that
// little is left to do when the last of them is there, and the page answers meanwhile.
import type { Event } from '@api'
import { decode, DecodeError } from '@lib/decode'

/** Where one event of the list ends and the next begins, as the daemon writes them. */
const BETWEEN = '},{"seq":'

/** Takes a JSON list of events in pieces, wherever the pieces are cut. */
export class EventReader {
  /** What was not decoded yet; begins where the list or an event begins. */
  #rest = ''
  #begun = false

  /** Takes a piece and gives the events that are whole now. */
  push(piece: string): Event[] {
    const text = this.#rest + piece
    const cut = text.lastIndexOf(BETWEEN)
    if (cut >= 0) {
      const events = this.#whole(text.slice(0, cut + 1))
      if (events !== undefined) {
        this.#begun = true
        this.#rest = text.slice(cut + 2)
        return events
      }
    }
    this.#rest = text
    return []
  }

  /** The events that are left when the last piece has come. */
  end(): Event[] {
    return decode<Event[]>(this.#begun ? `[${this.#rest}` : this.#rest)
  }

  /** A cut within an event, where its own content looks like a list of events, leaves brackets open: no events yet. */
  #whole(text: string): Event[] | undefined {
    try {
      return decode<Event[]>(`${this.#begun ? '[' : ''}${text}]`)
    } catch (error) {
      if (error instanceof DecodeError) return undefined
      throw error
    }
  }
}

/** Reads a whole answer; `take` gets the events as they come. Gives how many there were. */
export async function readEvents(response: Response, take: (event: Event) => void): Promise<number> {
  const reader = response.body?.getReader()
  if (reader === undefined) return 0
  const decoder = new TextDecoder()
  const events = new EventReader()
  let count = 0
  const give = (batch: readonly Event[]) => {
    count += batch.length
    for (const event of batch) take(event)
  }
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    give(events.push(decoder.decode(value, { stream: true })))
  }
  give(events.end())
  return count
}
