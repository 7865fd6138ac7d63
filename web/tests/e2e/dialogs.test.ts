// Dialogs with a form: limits, instructions and folders, of a task and before there is one.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { saying, withDefaultModel } from './scripts'
import { gone, seen, staged } from './stage'
import { Window } from './window'
import { until, type World } from './world'

function withScript(world: World): void {
  world.write('config/deskhand/config.toml', withDefaultModel(world.script('short', saying('There it is.'))))
}

staged('limits, instructions and folders of a task are changed in the rail', {}, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Wait', model: world.script('wait', saying('Ready.')) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('Ready.'))

  await window.button('Edit limits').click()
  const limits = window.dialog('Limits of this task')
  const replies = limits.getByRole('textbox', { name: 'Replies in a turn' })
  await replies.fill('many')
  await seen(limits.getByText('Write a whole number, or leave it empty for no limit.'))
  await replies.press('Enter')
  assert.equal(await limits.getByRole('button', { name: 'Save' }).isEnabled(), false)
  await limits.getByRole('textbox', { name: 'Tokens in the whole task' }).fill('200k')
  await replies.fill('7')
  await replies.press('Enter')
  await gone(limits)
  await until('the limits', async () => (await door.view(task)).limits.steps === 7)
  assert.equal((await door.view(task)).limits.tokens, 200_000)

  await window.button('Edit instructions').click()
  const instructions = window.dialog('Instructions for this task')
  await instructions.getByRole('textbox').fill('Be brief.')
  await instructions.getByRole('textbox').press('ControlOrMeta+Enter')
  await gone(instructions)
  await seen(page.getByRole('complementary').getByText('Be brief.'))
  assert.equal((await door.view(task)).instructions, 'Be brief.')

  await window.button('Add a folder…').click()
  const folder = window.dialog('Add a folder')
  const path = folder.getByRole('textbox', { name: 'Path on this computer' })
  assert.equal(await folder.getByRole('button', { name: 'Add folder' }).isEnabled(), false)
  await path.fill(join(world.root, 'nowhere'))
  await path.press('Enter')
  await until('why not', async () => (await path.getAttribute('aria-invalid')) === 'true')
  await path.fill(world.folder('Reports', {}))
  await folder.getByRole('switch', { name: 'Read only' }).click()
  await folder.getByRole('button', { name: 'Add folder' }).click()
  await gone(folder)
  await until('the folder', async () => (await door.view(task)).folders.length === 1)
  assert.equal((await door.view(task)).folders[0]?.access, 'read_only')
})

staged('a dialog that is cancelled changes nothing and gives the focus back', {}, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Wait', model: world.script('wait', saying('Ready.')) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('Ready.'))
  const { limits } = await door.view(task)
  const edit = window.button('Edit limits')
  const dialog = window.dialog('Limits of this task')
  for (const leave of [() => dialog.getByRole('button', { name: 'Cancel' }).click(), () => page.keyboard.press('Escape')]) {
    await edit.click()
    await dialog.getByRole('textbox', { name: 'Replies in a turn' }).fill('3')
    await leave()
    await gone(dialog)
    await until('the focus back', () => edit.evaluate((button) => document.activeElement === button))
  }
  assert.deepEqual((await door.view(task)).limits, limits)
})

staged('a new task gets limits and instructions of its own, or the usual ones again', { prepare: withScript }, async ({ door, page, open }) => {
  await open()
  const window = new Window(page)
  await window.skipWelcome()
  const opens = async (item: string) => {
    await window.job.fill('')
    await window.job.pressSequentially(`/${item}`)
    await page.keyboard.press('Enter')
  }
  await opens('limits')
  const limits = window.dialog('Limits')
  assert.equal(await limits.getByRole('button', { name: 'Use the usual limits' }).count(), 0)
  await limits.getByRole('textbox', { name: 'Minutes of work' }).fill('soon')
  await limits.getByRole('button', { name: 'Save' }).click()
  await seen(limits.getByText('Write a whole number, or leave it empty for no limit.'))
  await limits.getByRole('textbox', { name: 'Minutes of work' }).fill('45')
  await limits.getByRole('textbox', { name: 'Minutes of work' }).press('Enter')
  await gone(limits)
  await opens('instructions')
  const instructions = window.dialog('Instructions')
  await instructions.getByRole('textbox').fill('Amounts in euro.')
  await instructions.getByRole('button', { name: 'Save' }).click()
  await gone(instructions)
  await seen(page.getByText('Own limits'))
  await opens('limits')
  await limits.getByRole('button', { name: 'Use the usual limits' }).click()
  await gone(page.getByText('Own limits'))
  await opens('limits')
  await limits.getByRole('textbox', { name: 'Model replies' }).fill('9')
  await limits.getByRole('button', { name: 'Save' }).click()
  await window.job.fill('Sum it up')
  await window.button('Start').click()
  const view = await door.view(await window.opensTask())
  assert.deepEqual([view.limits.steps, view.instructions], [9, 'Amounts in euro.'])
})
