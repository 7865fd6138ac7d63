// What is measured inside the page: when something was drawn, how long a key took, how long pictures took.
import type { CDPSession, Page } from 'playwright-core'

/** Milliseconds from the last byte of a task's events until its last words were drawn, and how long reading them took. */
export interface Opening {
  readonly drawn: number
  readonly parse: number
}

/** Notes when `words` are drawn for the first time; to be called before the page has them. */
export async function watchFor(page: Page, words: string): Promise<void> {
  await page.evaluate((wanted) => {
    const channel = new MessageChannel()
    const noted = { drawn: 0 }
    Object.assign(window, { noted })
    const there = () => document.querySelector('main')?.textContent.includes(wanted) ?? false
    const look = () => {
      if (!there()) {
        requestAnimationFrame(look)
        return
      }
      // A message sent while a picture is made is read once that picture is finished.
      channel.port1.onmessage = () => (noted.drawn = performance.now())
      channel.port2.postMessage(0)
    }
    requestAnimationFrame(look)
  }, words)
}

export async function opening(page: Page, task: string): Promise<Opening> {
  await page.waitForFunction(() => 'noted' in window && Number(Reflect.get(Object(window.noted), 'drawn')) > 0)
  return page.evaluate(async (id) => {
    const entry = performance.getEntriesByType('resource').find(({ name }) => name.includes(`/${id}/events`))
    const text = await (await fetch(`/api/v1/tasks/${id}/events?after=0`)).text()
    const before = performance.now()
    JSON.parse(text)
    const parse = performance.now() - before
    const came = entry instanceof PerformanceResourceTiming ? entry.responseEnd : Number.NaN
    const drawn: unknown = 'noted' in window ? Reflect.get(Object(window.noted), 'drawn') : undefined
    return { drawn: Number(drawn) - came, parse }
  }, task)
}

/** Milliseconds from each key until the picture with it was finished. */
export async function keys(page: Page, count: number, apart: number): Promise<number[]> {
  await page.evaluate(() => {
    const taken: number[] = []
    const channel = new MessageChannel()
    const began: number[] = []
    channel.port1.onmessage = () => {
      const now = performance.now()
      for (const at of began.splice(0)) taken.push(now - at)
    }
    document.addEventListener(
      'keydown',
      (event) => {
        const at = event.timeStamp
        requestAnimationFrame(() => {
          began.push(at)
          channel.port2.postMessage(0)
        })
      },
      true,
    )
    Object.assign(window, { taken })
  })
  for (let key = 0; key < count; key += 1) {
    await page.keyboard.press('abcdefgh '.charAt(key % 9))
    await page.waitForTimeout(apart + (key % 7))
  }
  await page.waitForTimeout(200)
  return page.evaluate(() => ('taken' in window && Array.isArray(window.taken) ? window.taken.map(Number) : []))
}

/** Milliseconds between pictures while an element scrolls on for `seconds`. */
export async function scrolling(page: Page, selector: string, seconds: number): Promise<number[]> {
  return page.evaluate(
    ([wanted, most]) =>
      new Promise<number[]>((resolve) => {
        let scroller: Element | null = document.querySelector(String(wanted))
        while (scroller !== null && scroller.scrollHeight <= scroller.clientHeight + 1) scroller = scroller.parentElement
        const gaps: number[] = []
        let last = performance.now()
        const end = last + Number(most) * 1000
        const next = (now: number) => {
          gaps.push(now - last)
          last = now
          if (scroller !== null) scroller.scrollTop += 60
          if (now < end) requestAnimationFrame(next)
          else resolve(gaps.slice(2))
        }
        requestAnimationFrame(next)
      }),
    [selector, seconds] as const,
  )
}

/** Bytes of objects that are in use, after a collection. */
export async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.enable')
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize
}
