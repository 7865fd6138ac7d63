// How long a search over all tasks takes, as the window asks it: request to answer, the answer read.
import { type Figure, ms, share } from './figures'
import type { Bench } from './world'

const MOST = 30
/** A word in every title, one in a single title, several, the beginning of a word, one letter, and one that is nowhere. */
const QUERIES = ['number', '4711', 'task many done', 'num', 't', 'nowhere']
const ROUNDS = 10

export async function search(bench: Bench, tasks: number): Promise<Figure> {
  const page = await bench.page('/archive')
  await page.getByRole('list', { name: 'Recents' }).waitFor()
  const times = await page.evaluate(async ([queries, rounds]) => {
    const taken: number[] = []
    const timed = async (address: string) => {
      const begun = performance.now()
      await (await fetch(address)).json()
      return performance.now() - begun
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const query of queries) taken.push(await timed(`/api/v1/search?limit=50&q=${encodeURIComponent(query)}`))
    }
    const floor: number[] = []
    for (let round = 0; round < rounds; round += 1) floor.push(await timed('/api/v1/tasks?limit=50'))
    return { taken, floor }
  }, [QUERIES, ROUNDS] as const)
  await page.context().close()
  const worst = Math.max(...times.taken)
  return {
    what: `search ${tasks} tasks, ${times.taken.length} searches (p50 ${ms(share(times.taken, 0.5))}, p95 ${ms(share(times.taken, 0.95))}), worst`,
    measured: ms(worst), budget: `${MOST} ms`, floor: `${ms(share(times.floor, 0.5))} to list 50`, holds: worst <= MOST,
  }
}
