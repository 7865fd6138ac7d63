// The main flows without a mouse: a task started, an approval and a question answered, a file previewed and undone.
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { ASKING, CHANGED_FILES, CHANGES, QUESTIONS, withDefaultModel } from './scripts'
import { gone, seen, staged } from './stage'
import { Window } from './window'
import { until } from './world'

/** Presses Tab until the focus stands on something of this name; every step must have a visible place. */
async function tabTo(page: Page, name: RegExp, most = 80): Promise<void> {
  const passed: string[] = []
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const focused = document.activeElement
      if (!(focused instanceof HTMLElement)) return ''
      const labels = 'labels' in focused && focused.labels instanceof NodeList ? [...focused.labels].map((label) => label.textContent) : []
      return focused.getAttribute('aria-label') ?? (labels.length > 0 ? labels.join(' ') : focused.innerText)
    })
    passed.push(at.split('\n', 1)[0] ?? '')
    if (name.test(at)) return
  }
  assert.fail(`${name} is not reached by Tab; passed: ${passed.join(' | ')}`)
}

staged('a task is started and its approval allowed by keyboard', {
  prepare: (world) => world.write('config/deskhand/config.toml', withDefaultModel(world.script('asking', ASKING))),
}, async ({ page, open }) => {
  await open('/projects')
  await seen(page.getByRole('heading', { name: 'Projects' }))
  await page.keyboard.press('n')
  const window = new Window(page)
  await window.skipWelcome()
  await until('the focus in the composer', async () => window.job.evaluate((field) => field === document.activeElement))
  await page.keyboard.type('Write the list')
  await page.keyboard.press('ControlOrMeta+Enter')
  await window.opensTask()
  await seen(window.button('Allow once'))
  await tabTo(page, /^Allow once/)
  await page.keyboard.press('Enter')
  await seen(window.said('The list is written.'))
})

staged('questions are answered by keyboard', {}, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Make a report', model: world.script('questions', QUESTIONS) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.button('Answer'))
  await tabTo(page, /^Metric/)
  await page.keyboard.press('Space')
  await tabTo(page, /^May/)
  await page.keyboard.press('Space')
  await tabTo(page, /^July/)
  await page.keyboard.press('Space')
  await tabTo(page, /^Answer/)
  await page.keyboard.press('Enter')
  await seen(window.said('Metric, for May and July.'))
})

staged('a turn is undone by keyboard', {}, async ({ world, door, page, open }) => {
  const folder = world.folder('work', CHANGED_FILES)
  const before = world.tree(folder)
  const task = await door.make({ prompt: 'first', model: world.script('changes', CHANGES), mode: 'auto', folders: [folder] })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.button('Undo this turn…'))
  await tabTo(page, /^Undo this turn/)
  await page.keyboard.press('Enter')
  const dialog = window.dialog()
  await seen(dialog.getByText('notes.txt'))
  await tabTo(page, /^Undo \d+ change/)
  await page.keyboard.press('Enter')
  await gone(dialog)
  assert.deepEqual(world.tree(folder), before)
  await until('the focus back where it was', async () => page.evaluate(() => document.activeElement !== document.body))
})

staged('settings are reached and changed by keyboard', {}, async ({ page, open, world }) => {
  await open('/customize/general')
  await seen(page.getByRole('heading', { level: 1, name: 'General' }))
  await tabTo(page, /^Limits$/)
  await page.keyboard.press('Enter')
  await seen(page.getByRole('heading', { level: 1, name: 'Limits' }))
  await tabTo(page, /Minutes of work per turn/)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('30')
  await page.keyboard.press('Tab')
  await seen(page.getByText('Saved', { exact: true }))
  assert.match(world.settings(), /minutes = 30/)
})
