// What is measured against: the real binary with one giant task and many small ones, all made through its own API by a
// Script, so that every event is one the daemon wrote.
import { type Browser, type BrowserContext, type Page } from 'playwright-core'
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Door } from '../e2e/door'
import { launch } from '../e2e/stage'
import { Daemon, until, World } from '../e2e/world'

/** Words of the long answer that streams: more than a minute at 200 words a second. */
const LONG = 16_000

/** The last words of the giant task. */
export const LAST_WORDS = 'That was the last file of them all.'

const KINDS: Readonly<Record<string, string>> = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
  '.png': 'image/png', '.webmanifest': 'application/manifest+json',
}

/** An installation with its daemon and a browser. */
export class Bench {
  private serial = 0

  private constructor(
    readonly world: World,
    readonly daemon: Daemon,
    readonly door: Door,
    readonly browser: Browser,
    /** A folder to take the window from instead of the binary, for a build that is in no binary yet. */
    private readonly dist: string | undefined,
  ) {}

  static async open(dist: string | undefined): Promise<Bench> {
    const world = new World()
    try {
      const daemon = await Daemon.start(world)
      try {
        return new Bench(world, daemon, new Door(daemon), await launch(['--enable-precise-memory-info', '--js-flags=--expose-gc']), dist)
      } catch (error) {
        await daemon.end()
        throw error
      }
    } catch (error) {
      world.remove()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.browser.close()
    await this.daemon.end()
    this.world.remove()
  }

  /** A task of `items` items: a sentence and a file read, again and again. */
  async giant(items: number): Promise<string> {
    const replies = Math.floor((items - 2) / 2)
    const one = (index: number) =>
      `  - text: "Step ${index + 1}: the figures of **part ${index + 1}** go into the table, so I read them once more."\n` +
      `    calls: [{ tool: Read, input: { file_path: figures.csv } }]\n`
    const yaml = `replies:\n${Array.from({ length: replies }, (_, index) => one(index)).join('')}  - text: ${LAST_WORDS}\n`
    const folder = this.world.folder('Figures', { 'figures.csv': 'month,rain\nMay,12\nJune,9\n' })
    const model = this.world.script('giant', yaml)
    const task = await this.door.make({ prompt: 'Read every part', model, mode: 'skip', folders: [folder] })
    await this.door.wish(task, { type: 'set_limits', data: { limits: { steps: null, tokens: null, minutes: null } } })
    await until('the giant task', async () => ((await this.door.view(task)).state === 'done' ? true : undefined), 600_000)
    return task
  }

  /** Lets a task say something long, 200 words a second. The Script before it had `replies` replies. */
  async stream(task: string, replies: number): Promise<void> {
    const words = Array.from({ length: LONG }, (_, index) => (index % 120 === 119 ? `word${index}.\\n\\n` : `word${index}`)).join(' ')
    const before = Array.from({ length: replies }, () => '  - text: x\n').join('')
    const model = this.world.script('long', `pace_ms: 5\nreplies:\n${before}  - text: "${words}"\n`)
    await this.door.wish(task, { type: 'set_model', data: { model } })
    await this.door.wish(task, { type: 'say', data: { text: 'Now tell me all of it' } })
  }

  /** Many tasks that are done. */
  async many(count: number): Promise<void> {
    const model = this.world.script('short', 'replies:\n  - text: Done.\n')
    while (this.serial < count) {
      const batch = Math.min(40, count - this.serial)
      await Promise.all(
        Array.from({ length: batch }, (_, index) => this.door.make({ prompt: `Task number ${this.serial + index + 1} of the many`, model })),
      )
      this.serial += batch
    }
  }

  /** A page of a fresh profile that shows nothing yet. */
  async blank(): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', serviceWorkers: 'block' })
    context.setDefaultTimeout(60_000)
    // The probes are compiled with calls of a function that keeps names; the page knows none.
    await context.addInitScript('globalThis.__name = (it) => it')
    return context.newPage()
  }

  /** A page of the window that is allowed in. */
  async page(path: string): Promise<Page> {
    const page = await this.blank()
    if (this.dist !== undefined) await serve(page.context(), this.dist)
    await page.goto(this.daemon.addressOf(path))
    // The way in ends with the page of the binary.
    if (this.dist !== undefined) await page.goto(this.daemon.origin + path)
    return page
  }
}

/** Takes everything but the API from a folder. */
async function serve(context: BrowserContext, dist: string): Promise<void> {
  await context.route(
    (url) => !url.pathname.startsWith('/api/') && !url.searchParams.has('token'),
    async (route) => {
      const { pathname } = new URL(route.request().url())
      const file = extname(pathname) === '' ? '/index.html' : pathname
      if (!existsSync(join(dist, file))) await route.fulfill({ status: 404 })
      else await route.fulfill({ body: readFileSync(join(dist, file)), contentType: KINDS[extname(file)] ?? 'application/octet-stream' })
    },
  )
}
