// Asks the worker for a table.
import type { NamedGrid, TableAnswer, TableQuestion } from './table-worker'

/** Reads tables in a worker of its own, which ends with the answer or the signal. */
export function readTable(question: TableQuestion, signal: AbortSignal): Promise<readonly NamedGrid[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./table-worker.ts', import.meta.url), { type: 'module' })
    const end = () => worker.terminate()
    signal.addEventListener('abort', end, { once: true })
    worker.addEventListener('message', (event: MessageEvent<TableAnswer>) => {
      end()
      if ('grids' in event.data) resolve(event.data.grids)
      else reject(new Error(event.data.failed))
    })
    worker.addEventListener('error', (event) => {
      end()
      reject(new Error(event.message || 'the reader could not be started'))
    })
    worker.postMessage(question)
  })
}
