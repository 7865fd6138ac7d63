// The pictures that the README opens with: the example, from the start to the finished task. They are written into
// docs/pictures only where UPDATE_PICTURES is set; a usual run leaves them with the others in target/screenshots.
import assert from 'node:assert/strict'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DESK, onStage, seen } from './stage'
import { pick, Window } from './window'
import { REPOSITORY } from './world'

const SHOTS = join(REPOSITORY, 'target/screenshots')
const README = join(REPOSITORY, 'docs/pictures')

for (const colorScheme of ['light', 'dark'] as const) {
  const name = `the README's pictures: ${colorScheme}`
  test(name, { timeout: 120_000 }, () => onStage(name, { viewport: DESK, context: { colorScheme } }, async ({ page, open, settled }) => {
    const folder = process.env.UPDATE_PICTURES === undefined ? join(SHOTS, 'readme') : README
    mkdirSync(folder, { recursive: true })
    const take = async (what: string) => {
      const path = join(folder, `${what}-${colorScheme}.png`)
      await page.screenshot({ path, animations: 'disabled' })
      assert.ok(statSync(path).size > 10_000, `${path} shows something`)
    }
    await open('/welcome')
    const window = new Window(page)
    await window.skipWelcome()
    await seen(window.job)
    await take('home')
    await page.getByRole('button', { name: /Try the example A weather/ }).click()
    await window.opensTask()
    await seen(window.button('Answer'))
    await take('question')
    await pick(page, 'radio', /Metric/)
    await window.button('Answer').click()
    await seen(window.button('Allow for this task'))
    await take('approval')
    await window.button('Allow for this task').first().click()
    await seen(window.said(/left them as they are/), 60_000)
    await window.stands('Done')
    await settled()
    await take('task')
    await window.button('Preview chart.svg').first().click()
    await seen(page.getByRole('heading', { name: 'chart.svg' }))
    await settled()
    await take('preview')
  }))
}
