// How much comes down before the first page can be used: page, scripts and styles as the browser asks for them, packed.
import { gzipSync } from 'node:zlib'
import type { Figure } from './figures'
import type { Bench } from './world'

const MOST = 200_000

export async function firstLoad(bench: Bench): Promise<Figure> {
  const page = await bench.page('/')
  await page.locator('main').waitFor()
  // What is fetched once the page stands still counts as well.
  await page.waitForTimeout(2000)
  const addresses = await page.evaluate(() => [
    location.href,
    ...performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /\.(?:js|css)$/.test(new URL(name).pathname)),
  ])
  let bytes = 0
  for (const address of new Set(addresses)) {
    const text = await page.evaluate(async (from) => (await fetch(from)).text(), address)
    bytes += gzipSync(text, { level: 9 }).length
  }
  await page.context().close()
  return {
    what: 'first load: page, scripts and styles, gzip', measured: `${(bytes / 1000).toFixed(1)} KB`, budget: `${MOST / 1000} KB`,
    floor: `${new Set(addresses).size} files`, holds: bytes <= MOST,
  }
}
