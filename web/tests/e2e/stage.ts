// A stage for one test: a world, its daemon, and a page of a browser with an empty profile. `staged` sets it up and
// takes everything down again, whatever happened between.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Locator, type Page, type Request } from 'playwright-core'
import { Door } from './door'
import { Daemon, REPOSITORY, until, World } from './world'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]

/** How long anything on a page may take to appear, in milliseconds. */
export const PATIENCE = 15_000

/** How long a whole test may take, in milliseconds. */
const TEST_MOST = 120_000

export const DESK = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }
export const NARROW = { width: 320, height: 640 }

export interface Stage {
  readonly world: World
  readonly daemon: Daemon
  readonly door: Door
  readonly browser: Browser
  readonly context: BrowserContext
  readonly page: Page
  /** Opens a path of the window with the token of this launch. */
  readonly open: (path?: string) => Promise<void>
  /** Opens another path of the window and waits until it has settled. */
  readonly go: (path: string) => Promise<void>
  /** Waits until nothing is being fetched any more but the streams, and nothing is being loaded on the page. */
  readonly settled: () => Promise<void>
}

export interface StageOptions {
  /** Before the daemon starts: files, scripts and `config.toml`. */
  readonly prepare?: (world: World) => void
  readonly viewport?: { width: number; height: number }
  readonly context?: BrowserContextOptions
  readonly flags?: readonly string[]
}

/** A test on a stage of its own. */
export function staged(name: string, options: StageOptions, body: (stage: Stage) => Promise<void>): void {
  test(name, { timeout: TEST_MOST }, () => onStage(name, options, body))
}

export async function onStage(name: string, options: StageOptions, body: (stage: Stage) => Promise<void>): Promise<void> {
  const world = new World()
  let daemon: Daemon | undefined
  let browser: Browser | undefined
  try {
    options.prepare?.(world)
    daemon = await Daemon.start(world)
    browser = await launch(options.flags)
    const context = await openContext(browser, options)
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(String(error)))
    const running = daemon
    const traffic = new Traffic(page)
    const settled = () => traffic.settled()
    const stage: Stage = {
      world, daemon, door: new Door(daemon), browser, context, page, settled,
      open: async (path = '/') => {
        await page.goto(running.addressOf(path))
        await arrived(page)
      },
      go: async (path) => {
        await page.goto(running.origin + path)
        await seen(page.getByRole('main'))
        await settled()
      },
    }
    try {
      await body(stage)
    } catch (error) {
      await leavePicture(name, page)
      throw error
    }
    if (errors.length > 0) throw new Error(`the page broke: ${errors.join('\n')}`)
  } finally {
    await browser?.close()
    await daemon?.end()
    world.remove()
  }
}

/** Waits until the page that takes the token has made way for the window. */
async function arrived(page: Page): Promise<void> {
  await page.waitForURL((address) => !address.searchParams.has('token'), { waitUntil: 'domcontentloaded', timeout: PATIENCE })
}

/** How long nothing may begin before a page counts as settled, in milliseconds. */
const QUIET = 250

/** What a page is fetching; its streams never end and do not count. */
class Traffic {
  private readonly open = new Set<Request>()
  private lastAt = performance.now()

  constructor(private readonly page: Page) {
    page.on('request', (request) => {
      if (/\/(?:stream|changes)(?:\?|$)/.test(request.url())) return
      this.open.add(request)
      this.lastAt = performance.now()
    })
    const over = (request: Request) => {
      if (this.open.delete(request)) this.lastAt = performance.now()
    }
    page.on('requestfinished', over)
    page.on('requestfailed', over)
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.open.clear()
    })
  }

  async settled(): Promise<void> {
    await until('a settled page', async () => {
      if (this.open.size > 0 || performance.now() - this.lastAt < QUIET) return undefined
      const loading = this.page.getByRole('status', { name: 'Loading' })
      return (await loading.count()) === 0 ? true : undefined
    })
  }
}

/** The browser; its profile is a fresh, empty directory that vanishes with it. */
export async function launch(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags], timeout: 30_000 })
}

async function openContext(browser: Browser, options: StageOptions): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: options.viewport ?? DESK, locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce',
    colorScheme: 'light', ...options.context,
  })
  context.setDefaultTimeout(PATIENCE)
  return context
}

/** What the page looked like when a test failed. */
async function leavePicture(name: string, page: Page): Promise<void> {
  const folder = join(REPOSITORY, 'target/screenshots/failed')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 80)}.png`)
  await page.screenshot({ path: file }).catch(() => undefined)
}

/** Waits until it can be seen. */
export async function seen(locator: Locator, timeout = PATIENCE): Promise<void> {
  await locator.first().waitFor({ state: 'visible', timeout })
}

/** Waits until it is gone or hidden. */
export async function gone(locator: Locator, timeout = PATIENCE): Promise<void> {
  await locator.first().waitFor({ state: 'hidden', timeout })
}

/** Where the window stands, without the origin. */
export function place(page: Page): string {
  const { pathname, search } = new URL(page.url())
  return pathname + search
}
