// Undo with a preview: every byte comes back, and the undo can be undone.
import assert from 'node:assert/strict'
import { CHANGED_FILES, CHANGES } from './scripts'
import { gone, seen, staged } from './stage'
import { Window } from './window'
import { until } from './world'

staged('the whole task is undone after a preview, and redone', {}, async ({ world, door, page, open }) => {
  const folder = world.folder('work', CHANGED_FILES)
  const before = world.tree(folder)
  const task = await door.make({ prompt: 'first', model: world.script('changes', CHANGES), mode: 'auto', folders: [folder] })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('First turn done.'))
  await window.message.fill('second')
  await window.message.press('Enter')
  await seen(window.said('Second turn done.'))
  const after = world.tree(folder)
  assert.deepEqual(Object.keys(after).sort(), ['bytes.bin', 'deep/list.csv', 'fresh/new.txt', 'notes.txt', 'old.txt', 'second.txt'])

  await window.button('Undo changes to files').click()
  await page.getByRole('menuitem', { name: /^Undo the whole task/ }).click()
  const dialog = window.dialog()
  for (const name of ['notes.txt', 'new.txt', 'list.csv', 'second.txt']) await seen(dialog.getByText(name))
  assert.deepEqual(world.tree(folder), after, 'a preview changes nothing')
  await dialog.getByRole('button', { name: /^Undo \d+ changes/ }).click()
  await gone(dialog)
  assert.deepEqual(world.tree(folder), before, 'every byte is back')

  await window.button('Redo').click()
  await until('the redone files', () => JSON.stringify(world.tree(folder)) === JSON.stringify(after))
  await window.button('Undo changes to files').click()
  await page.getByRole('menuitem', { name: /^Undo the whole task/ }).click()
  await window.dialog().getByRole('button', { name: /^Undo \d+ changes/ }).click()
  await until('the old files', () => JSON.stringify(world.tree(folder)) === JSON.stringify(before))
  await gone(window.dialog())
  await window.button('Undo changes to files').click()
  await page.getByRole('menuitem', { name: /^Redo the last undo/ }).click()
  await window.dialog().getByRole('button', { name: /^Redo \d+ changes/ }).click()
  await until('the redone files', () => JSON.stringify(world.tree(folder)) === JSON.stringify(after))
})

staged('one turn is undone alone', {}, async ({ world, door, page, open }) => {
  const folder = world.folder('work', CHANGED_FILES)
  const before = world.tree(folder)
  const task = await door.make({ prompt: 'first', model: world.script('changes', CHANGES), mode: 'auto', folders: [folder] })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('First turn done.'))
  await window.button('Undo this turn…').click()
  const dialog = window.dialog()
  await seen(dialog.getByText('notes.txt'))
  await dialog.getByRole('button', { name: /^Undo \d+ change/ }).click()
  await gone(dialog)
  assert.deepEqual(world.tree(folder), before)
})

staged('what the user changed since is left alone and said so', {}, async ({ world, door, page, open }) => {
  const folder = world.folder('work', CHANGED_FILES)
  const task = await door.make({ prompt: 'first', model: world.script('changes', CHANGES), mode: 'auto', folders: [folder] })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('First turn done.'))
  world.write('folders/work/notes.txt', 'mine now\n')
  await window.button('Undo this turn…').click()
  const dialog = window.dialog()
  await seen(dialog.getByText(/left alone/i))
  await dialog.getByRole('button', { name: /^Undo \d+ change/ }).click()
  await gone(dialog)
  const tree = world.tree(folder)
  assert.equal(tree['notes.txt'], 'mine now\n')
  assert.equal(tree['deep/list.csv'], 'a,1\r\nb,2\r\n')
  assert.equal(tree['fresh/new.txt'], undefined)
})
