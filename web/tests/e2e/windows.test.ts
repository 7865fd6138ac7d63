// Several windows of one browser: one of them listens to what changes among all tasks and tells the others; when it is
// closed, another takes its place.
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { saying, withDefaultModel } from './scripts'
import { seen, staged } from './stage'
import { Window } from './window'
import { until } from './world'

staged('windows share one stream of changes, and none misses anything when one is closed', {
  prepare: (world) => {
    world.write('config/deskhand/config.toml', withDefaultModel(world.script('short', saying('Hello.'))))
  },
}, async ({ world, door, context, page, open, daemon }) => {
  const listening: Page[] = []
  context.on('request', (request) => {
    if (request.url().endsWith('/api/v1/changes')) listening.push(request.frame().page())
  })
  const model = world.script('other', saying('Hello.'))
  await open('/archive')
  await seen(page.getByRole('navigation', { name: 'Tasks' }))
  await until('the first window to listen', () => listening.length === 1)
  const second = await context.newPage()
  await second.goto(`${daemon.origin}/archive`)
  await seen(second.getByRole('navigation', { name: 'Tasks' }))
  await door.make({ prompt: 'Seen in both windows', model })
  await seen(new Window(page).row('Seen in both windows'))
  await seen(new Window(second).row('Seen in both windows'))
  assert.deepEqual(listening, [page], 'only the first window listens')
  await page.close()
  await until('the second window to listen', () => listening.includes(second))
  await door.make({ prompt: 'Seen in the one that is left', model })
  await seen(new Window(second).row('Seen in the one that is left'))
})
