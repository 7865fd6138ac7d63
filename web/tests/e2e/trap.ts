// A listener that nothing should ever reach: it counts connections and requests and answers none.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** Names that the browser of a hostile test takes to the trap, whatever the port. */
export const TRAP_HOST = 'trap.example'

export class Trap {
  connections = 0
  /** First lines of what was sent. */
  readonly sent: string[] = []
  private readonly open = new Set<Socket>()

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Trap> {
    const server = createServer()
    const trap = new Trap(server)
    server.on('connection', (socket) => trap.take(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return trap
  }

  get port(): number {
    const address = this.server.address()
    if (address === null || typeof address === 'string') throw new Error('the trap has no port')
    return address.port
  }

  /** Makes a browser resolve the trap's host to this computer. */
  get flag(): string {
    return `--host-resolver-rules=MAP ${TRAP_HOST} 127.0.0.1`
  }

  async end(): Promise<void> {
    for (const socket of this.open) socket.destroy()
    const closed = once(this.server, 'close')
    this.server.close()
    await closed
  }

  private take(socket: Socket): void {
    this.connections += 1
    this.open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.open.delete(socket))
    socket.once('data', (data) => {
      this.sent.push(data.toString('latin1').split('\r\n', 1)[0] ?? '')
      socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n')
    })
  }
}
