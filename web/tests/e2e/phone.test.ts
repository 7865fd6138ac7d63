// Phone width: the same app in one column with drawers, and nothing wider than the screen.
import assert from 'node:assert/strict'
import { ASKING, presenting } from './scripts'
import { gone, NARROW, PHONE, seen, staged } from './stage'
import { Window } from './window'
import { until } from './world'

const TOUCH = { hasTouch: true, isMobile: true }

staged('a task is followed and answered on a phone', { viewport: PHONE, context: TOUCH }, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Write the list', model: world.script('asking', ASKING) })
  await open()
  const window = new Window(page)
  assert.equal(await page.getByRole('navigation', { name: 'Tasks' }).isVisible(), false)
  await window.button('Show the list of tasks').tap()
  await page.getByRole('link', { name: /Write the list/ }).first().tap()
  assert.equal(await window.opensTask(), task)
  await window.button('Allow once').tap()
  await seen(window.said('The list is written.'))
  await window.button('Show details').tap()
  await seen(page.getByRole('heading', { name: /Progress/ }))
  await page.keyboard.press('Escape')
  await gone(page.getByRole('heading', { name: /Progress/ }))
})

for (const viewport of [PHONE, NARROW]) {
  staged(`nothing is wider than ${viewport.width} pixels`, { viewport, context: TOUCH }, async ({ world, door, page, open, go }) => {
    const files = { 'report.md': '# A report\n', 'a-file-with-a-very-long-name-that-does-not-break-anywhere-at-all.csv': 'a,b\n1,2\n' }
    const table = '| a | b | c | d | e | f |\n|---|---|---|---|---|---|\n| one | two | three | four | five | sixxxxxxxxxxxxxxxxxx |'
    const task = await door.make({ prompt: 'Make two files', model: world.script('files', presenting(files, `Here:\n\n${table}\n\n\`${'x'.repeat(200)}\``)) })
    await until('the end', async () => (await door.view(task)).state === 'done')
    const window = new Window(page)
    const places = ['/', `/tasks/${task}`, '/projects', '/scheduled', '/dispatch', '/archive', '/welcome', '/customize/general',
      '/customize/providers', '/customize/limits', '/customize/appearance', '/customize/keyboard', '/customize/readiness', '/customize/about']
    await open()
    for (const path of places) {
      await go(path)
      assert.equal(await window.overflow(), 0, path)
    }
    await go('/customize/general')
    await page.getByRole('combobox', { name: 'Section' }).selectOption('limits')
    await seen(page.getByRole('heading', { level: 1, name: 'Limits' }))
  })
}
