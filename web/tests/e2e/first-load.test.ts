// How much comes down before the first page can be used, and that all of it comes from here.
import assert from 'node:assert/strict'
import { seen, staged } from './stage'
import { Window } from './window'
import { saying, withDefaultModel } from './scripts'

/** Scripts, styles and the page itself, packed, in bytes. */
const MOST = 200_000

staged('the first load stays within its budget and asks nobody else', {
  prepare: (world) => world.write('config/deskhand/config.toml', withDefaultModel(world.script('short', saying('Hello.')))),
}, async ({ context, page, open, daemon, settled }) => {
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  const kinds = new Map<string, { url: string; kind: string; bytes: number }>()
  session.on('Network.responseReceived', ({ requestId, response, type }) => {
    const length = Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'content-length')?.[1]
    kinds.set(requestId, { url: response.url, kind: type, bytes: Number(length ?? Number.NaN) })
  })
  const foreign: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(`${daemon.origin}/`) && !/^(data|blob):/.test(request.url())) foreign.push(request.url())
  })
  await page.addInitScript(() => localStorage.setItem('deskhand.welcome.done', 'true'))
  await open()
  await seen(new Window(page).job)
  await settled()
  const loaded = [...kinds.values()].filter(({ kind }) => ['Document', 'Script', 'Stylesheet'].includes(kind))
  for (const { url, bytes } of loaded) assert.ok(bytes > 0, `the packed size of ${url} is not told`)
  const total = loaded.reduce((sum, { bytes }) => sum + bytes, 0)
  assert.ok(loaded.length >= 3, 'the page, a script and a style were seen')
  assert.ok(total <= MOST, `${total} bytes: ${loaded.sort((a, b) => b.bytes - a.bytes).map(({ url, bytes }) => `${new URL(url).pathname} ${bytes}`).join(', ')}`)
  assert.deepEqual(foreign, [])
})
