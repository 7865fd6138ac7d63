// The list of tasks: its menu by mouse and by keyboard, and search over everything.
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { presenting, saying } from './scripts'
import { gone, seen, staged, type Stage } from './stage'
import { Window } from './window'
import { until } from './world'

async function threeTasks({ world, door }: Stage): Promise<void> {
  for (const title of ['Sort the receipts', 'Compare the contracts', 'Plan the offsite']) {
    const task = await door.make({ prompt: title, model: world.script('short', saying('Done.')) })
    await until('its end', async () => (await door.view(task)).state === 'done')
  }
}

async function titled(stage: Stage, title: string, shelf: 'current' | 'pinned' | 'archived' = 'current') {
  return (await stage.door.tasks(shelf)).find((task) => task.title === title)
}

function item(page: Page, name: string | RegExp): Locator {
  return page.getByRole('menuitem', { name })
}

staged('the menu on a task works with the right mouse button', {}, async (stage) => {
  await threeTasks(stage)
  const { page } = stage
  await stage.open()
  const window = new Window(page)
  const row = window.row('Compare the contracts')
  await row.click({ button: 'right' })
  await item(page, 'Rename').click()
  const field = page.getByRole('textbox', { name: /title|rename/i })
  await field.fill('Compare both contracts')
  await field.press('Enter')
  await until('the new title', () => titled(stage, 'Compare both contracts'))
  const renamed = window.row('Compare both contracts')
  await seen(renamed)

  await renamed.click({ button: 'right' })
  await item(page, 'Pin').click()
  await until('the pin', async () => (await titled(stage, 'Compare both contracts'))?.pinned)
  await seen(page.getByText('Pinned', { exact: true }))

  await window.row('Compare both contracts').first().click({ button: 'right' })
  await item(page, 'Mark read').click()
  await until('the mark is gone', async () => (await titled(stage, 'Compare both contracts'))?.unread === false)
  await window.row('Compare both contracts').first().click({ button: 'right' })
  await item(page, 'Mark unread').click()
  await until('the mark', async () => (await titled(stage, 'Compare both contracts'))?.unread)

  await window.row('Plan the offsite').click({ button: 'right' })
  await item(page, 'Archive').click()
  await gone(window.row('Plan the offsite'))
  await until('the archive', () => titled(stage, 'Plan the offsite', 'archived'))

  await window.row('Sort the receipts').click({ button: 'right' })
  await item(page, /Delete/).click()
  const confirm = page.getByRole('alertdialog')
  await seen(confirm.getByText(/30 days/))
  await confirm.getByRole('button', { name: /Delete/ }).click()
  await gone(window.row('Sort the receipts'))
  assert.equal(await titled(stage, 'Sort the receipts'), undefined)
  await page.getByRole('listitem').filter({ hasText: /trash/ }).getByRole('button', { name: 'Undo' }).click()
  await seen(window.row('Sort the receipts'))
  assert.ok(await until('the task is back', () => titled(stage, 'Sort the receipts')))
})

staged('the menu on a task works by keyboard alone', {}, async (stage) => {
  await threeTasks(stage)
  const { page } = stage
  await stage.open()
  const window = new Window(page)
  await seen(window.row('Sort the receipts'))
  await window.row('Plan the offsite').focus()
  await page.keyboard.press('ArrowDown')
  await until('the focus on the next row', () => window.row('Compare the contracts').evaluate((row) => row === document.activeElement))
  await page.keyboard.press('Shift+F10')
  await seen(item(page, 'Open'))
  const pin = item(page, 'Pin')
  for (let step = 0; step < 12 && !(await pin.evaluate((entry) => entry === document.activeElement)); step += 1) {
    await page.keyboard.press('ArrowDown')
  }
  await page.keyboard.press('Enter')
  await until('the pin', async () => (await titled(stage, 'Compare the contracts'))?.pinned)
  await window.row('Sort the receipts').focus()
  await page.keyboard.press('F2')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('Sorted receipts')
  await page.keyboard.press('Enter')
  await until('the new title', () => titled(stage, 'Sorted receipts'))
  await window.row('Sorted receipts').focus()
  await page.keyboard.press('Enter')
  await window.opensTask()
})

staged('search finds title, text and file names', {}, async ({ world, door, page, open }) => {
  const quiet = await door.make({ prompt: 'Plan the offsite', model: world.script('one', saying('The heron stands at the lake.')) })
  const files = world.script('two', presenting({ 'quarterly-walrus.md': '# Figures\n' }, 'There it is.'))
  const walrus = await door.make({ prompt: 'Make the figures', model: files })
  for (const task of [quiet, walrus]) await until('its end', async () => (await door.view(task)).state === 'done')
  await open()
  const window = new Window(page)
  await seen(window.button(/^Search/))
  const looks = async (text: string, title: string) => {
    await page.keyboard.press('ControlOrMeta+K')
    const field = page.getByRole('combobox')
    await field.fill(text)
    await seen(page.getByRole('option', { name: new RegExp(title) }))
    return field
  }
  await (await looks('offsite', 'Plan the offsite')).press('Escape')
  await gone(page.getByRole('combobox'))
  await (await looks('heron lake', 'Plan the offsite')).press('Escape')
  await gone(page.getByRole('combobox'))
  const field = await looks('walrus', 'Make the figures')
  await field.press('Enter')
  assert.equal(await window.opensTask(), walrus)
  await page.keyboard.press('ControlOrMeta+K')
  await page.getByRole('combobox').fill('nothing-is-called-this')
  await seen(page.getByText(/nothing|no task|no result/i))
})
