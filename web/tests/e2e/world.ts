// An installation of its own for each test: a home, a configuration and work folders in a temporary place, and the real
// binary serving it. Whatever is started here ends here, by its process id; every wait is bounded.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The top of the repository. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))

/** The binary under test. */
const BINARY = process.env.DESKHAND_BINARY ?? join(REPOSITORY, 'target/debug/deskhand')

/** How long the daemon may take to start or to end, in milliseconds. */
const DAEMON_MOST = 20_000

/** Every file of a folder with its content, by path within it. */
export type Tree = Record<string, string>

export class World {
  readonly root = mkdtempSync(join(tmpdir(), 'deskhand-window-'))
  readonly home = join(this.root, 'home')
  readonly config = join(this.root, 'config/deskhand/config.toml')

  constructor() {
    for (const name of ['home', 'runtime', 'config/deskhand', 'folders']) mkdirSync(join(this.root, name), { recursive: true })
  }

  /** What a program in this world sees; nothing of the tester's own environment but the way to programs. */
  variables(): Record<string, string> {
    return {
      PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      LANG: 'C.UTF-8',
      HOME: this.root,
      DESKHAND_HOME: this.home,
      XDG_CONFIG_HOME: join(this.root, 'config'),
      XDG_RUNTIME_DIR: join(this.root, 'runtime'),
    }
  }

  /** Writes a file anywhere in this world and gives its path. */
  write(path: string, content: string | Uint8Array): string {
    const whole = join(this.root, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, content)
    return whole
  }

  /** A work folder with these files; gives its path. */
  folder(name: string, files: Record<string, string | Uint8Array>): string {
    const path = join(this.root, 'folders', name)
    mkdirSync(path, { recursive: true })
    for (const [file, content] of Object.entries(files)) this.write(join('folders', name, file), content)
    return path
  }

  /** A Script; gives the model that plays it. */
  script(name: string, yaml: string): string {
    return `script/${this.write(`scripts/${name}.yaml`, yaml)}`
  }

  /** Every file of a folder with its bytes as latin text, so that equal means equal byte for byte. */
  tree(folder: string): Tree {
    const found: Tree = {}
    const look = (directory: string) => {
      for (const name of readdirSync(directory).sort()) {
        const path = join(directory, name)
        if (statSync(path).isDirectory()) look(path)
        else found[relative(folder, path)] = readFileSync(path, 'latin1')
      }
    }
    look(folder)
    return found
  }

  /** The settings file as it is now. */
  settings(): string {
    return existsSync(this.config) ? readFileSync(this.config, 'utf8') : ''
  }

  /** The folder of a task. */
  taskFolder(id: string): string {
    const name = readdirSync(join(this.home, 'tasks')).find((entry) => entry.endsWith(id))
    if (name === undefined) throw new Error(`there is no folder of task ${id}`)
    return join(this.home, 'tasks', name)
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** A daemon at work. */
export class Daemon {
  private constructor(
    private readonly child: ChildProcess,
    /** The address with the token of this launch. */
    readonly address: string,
    private readonly complaints: string[],
  ) {}

  /** Starts one and waits for its address. */
  static async start(world: World, port = 0): Promise<Daemon> {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there; build it with: cargo build -p deskhand`)
    const child = spawn(BINARY, ['serve', '--port', String(port)], {
      cwd: world.root, env: world.variables(), stdio: ['ignore', 'pipe', 'pipe'],
    })
    const complaints: string[] = []
    child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
    const lines = createInterface({ input: child.stdout })
    const address = await within(DAEMON_MOST, 'the address of the daemon', Promise.race([
      once(lines, 'line').then(([line]) => String(line)),
      once(child, 'exit').then(() => Promise.reject(new Error(`the daemon ended: ${complaints.join('')}`))),
    ])).catch((error: unknown) => {
      child.kill('SIGKILL')
      throw error
    })
    return new Daemon(child, address, complaints)
  }

  get origin(): string {
    return new URL(this.address).origin
  }

  get port(): number {
    return Number(new URL(this.address).port)
  }

  get token(): string {
    return new URL(this.address).searchParams.get('token') ?? ''
  }

  /** The address that opens a page with the token of this launch. */
  addressOf(path: string): string {
    return `${this.origin}/?token=${this.token}&next=${path}`
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    await this.endBy('SIGKILL')
  }

  /** Ends it as the system does. */
  async end(): Promise<void> {
    await this.endBy('SIGTERM')
  }

  /** What it said on standard error. */
  said(): string {
    return this.complaints.join('')
  }

  private async endBy(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const ended = once(this.child, 'exit')
    this.child.kill(signal)
    await within(DAEMON_MOST, 'the end of the daemon', ended).catch((error: unknown) => {
      this.child.kill('SIGKILL')
      throw error
    })
  }
}

/** The promise, or an error that says what was waited for. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks again and again until the answer is there; at most `ms`. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined, ms = 15_000): Promise<T> {
  const end = performance.now() + ms
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`${what} did not come within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
}
