// A model server that speaks OpenAI's dialect on a port of its own: it lists two models and answers in a few words. It
// stands in for a provider somebody connects in the settings.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'

export const KEY = 'sk-test-7f3a'
export const MODELS = ['desk-large', 'desk-small']

export class FakeProvider {
  /** What came in, one line per request. */
  readonly requests: string[] = []

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeProvider> {
    const server = createServer()
    const provider = new FakeProvider(server)
    server.on('request', (request, response) => provider.answer(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return provider
  }

  get address(): string {
    const address = this.server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no port')
    return `http://127.0.0.1:${address.port}/v1`
  }

  async end(): Promise<void> {
    this.server.closeAllConnections()
    const closed = once(this.server, 'close')
    this.server.close()
    await closed
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`)
    request.resume()
    if (request.headers.authorization !== `Bearer ${KEY}`) {
      json(response, 401, { error: { message: 'Incorrect API key provided', type: 'invalid_request_error', code: 'invalid_api_key' } })
    } else if (request.method === 'GET' && request.url === '/v1/models') {
      json(response, 200, { object: 'list', data: MODELS.map((id) => ({ id, object: 'model', created: 1, owned_by: 'desk' })) })
    } else if (request.method === 'POST' && request.url === '/v1/chat/completions') {
      streamed(response, ['Hello ', 'from ', 'the desk.'])
    } else {
      json(response, 404, { error: { message: 'there is nothing here', type: 'not_found' } })
    }
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function streamed(response: ServerResponse, pieces: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const chunk = (delta: unknown, finish: string | null, usage?: unknown) =>
    response.write(`data: ${JSON.stringify({
      id: 'chat-1', object: 'chat.completion.chunk', created: 1, model: MODELS[0],
      choices: [{ index: 0, delta, finish_reason: finish }], ...(usage === undefined ? {} : { usage }),
    })}\n\n`)
  chunk({ role: 'assistant', content: '' }, null)
  for (const piece of pieces) chunk({ content: piece }, null)
  chunk({}, 'stop', { prompt_tokens: 20, completion_tokens: 4, total_tokens: 24 })
  response.end('data: [DONE]\n\n')
}
