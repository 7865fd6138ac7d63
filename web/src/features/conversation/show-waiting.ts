// Leads to the card that waits for the user. Apart from the conversation, because the message box below it asks for that.

const shown = new Map<string, () => void>()

/** Shows the first card of a task that waits, while its conversation is open. */
export function showWaiting(task: string): void {
  shown.get(task)?.()
}

/** Says how the waiting card of a task is shown; gives the way to end that. */
export function onShowWaiting(task: string, show: () => void): () => void {
  shown.set(task, show)
  return () => {
    if (shown.get(task) === show) shown.delete(task)
  }
}

/** Frames to wait for a row that was scrolled to. */
const PATIENCE = 60

/** Puts the focus on the card of a row, once the row is on the page. */
export function focusCard(list: HTMLElement, index: number): void {
  let frames = 0
  const attempt = () => {
    frames += 1
    const card = list.querySelector<HTMLElement>(`[data-index="${index}"] [data-card]`)
    if (card !== null) {
      card.focus({ preventScroll: true })
      card.scrollIntoView({ block: 'nearest' })
    } else if (frames < PATIENCE) requestAnimationFrame(attempt)
  }
  attempt()
}
