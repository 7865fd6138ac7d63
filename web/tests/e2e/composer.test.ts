// The composer of a new task: folders, files, drafts, the slash menu, models.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { saying, withDefaultModel } from './scripts'
import { gone, seen, staged } from './stage'
import { Window } from './window'
import { until, type World } from './world'

function withScript(world: World): void {
  world.write('config/deskhand/config.toml', withDefaultModel(world.script('short', saying('There it is.'))))
  world.folder('Reports', { 'october/figures.csv': 'a,1\n' })
}

staged('a folder is found in the browser, chosen read-only, and given to the task', { prepare: withScript }, async ({ door, page, open, world }) => {
  await open('/welcome')
  await page.goto(new URL('/', page.url()).href)
  const window = new Window(page)
  await window.skipWelcome()
  await window.button('Work in a folder').click()
  const dialog = window.dialog('Work in a folder')
  const way = dialog.getByRole('combobox')
  await way.fill('fold')
  await way.press('Enter')
  await seen(dialog.getByRole('option', { name: /Reports/ }))
  await way.fill('Rep')
  await way.press('Enter')
  await seen(dialog.getByRole('option', { name: /october/ }))
  await dialog.getByRole('switch', { name: 'Read only' }).click()
  await dialog.getByRole('button', { name: 'Use Reports' }).click()
  await gone(dialog)
  await seen(page.getByText('Reports').first())
  await window.job.fill('Sum it up')
  await window.job.press('ControlOrMeta+Enter')
  const task = await window.opensTask()
  await seen(window.said('There it is.'))
  const { folders } = await door.view(task)
  assert.deepEqual(folders.map(({ path, access }) => ({ path, access })), [{ path: join(world.root, 'folders/Reports'), access: 'read_only' }])
})

staged('a folder that cannot be given says why, and the draft stays', { prepare: withScript }, async ({ page, open }) => {
  await open()
  const window = new Window(page)
  await window.skipWelcome()
  await window.job.fill('Look there')
  await window.button('Work in a folder').click()
  const dialog = window.dialog('Work in a folder')
  await dialog.getByRole('combobox').fill('/etc')
  await dialog.getByRole('combobox').press('Enter')
  await seen(dialog.getByText(/belongs to the system/i))
  assert.equal(await dialog.getByRole('button', { name: /^Use/ }).isEnabled(), false)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  assert.equal(await window.job.inputValue(), 'Look there')
})

staged('a draft survives a reload, and files are attached and handed over', { prepare: withScript }, async ({ page, open, world }) => {
  await open()
  const window = new Window(page)
  await window.skipWelcome()
  await window.job.fill('Count the words in the letter')
  await until('the kept draft', () => page.evaluate(() => Object.values(localStorage).some((text) => String(text).includes('Count the words'))))
  await page.reload()
  assert.equal(await window.job.inputValue(), 'Count the words in the letter')
  await page.locator('input[type=file]').first().setInputFiles({ name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear reader\n') })
  await seen(page.getByText('letter.txt'))
  await window.button('Start').click()
  const task = await window.opensTask()
  await seen(window.said('letter.txt'))
  assert.equal(readFileSync(join(world.taskFolder(task), 'uploads/letter.txt'), 'utf8'), 'Dear reader\n')
  await page.goto(new URL('/', page.url()).href)
  await seen(window.job)
  assert.equal(await window.job.inputValue(), '', 'a started draft is gone')
})

staged('the slash menu is used without a mouse', { prepare: withScript }, async ({ door, page, open }) => {
  await open()
  const window = new Window(page)
  await window.skipWelcome()
  await window.job.focus()
  await page.keyboard.type('/au')
  const menu = page.getByRole('listbox', { name: 'Commands' })
  await seen(menu)
  await page.keyboard.press('Enter')
  await gone(menu)
  assert.equal(await window.job.inputValue(), '')
  await page.keyboard.type('Do it')
  await page.keyboard.press('ControlOrMeta+Enter')
  const task = await window.opensTask()
  assert.equal((await door.view(task)).mode, 'auto')
})
