// What the user is asked: approvals allowed and denied, questions answered, all of it announced.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterGreeting, ASKING, CHANGED_FILES, DELETING, QUESTIONS } from './scripts'
import { gone, seen, staged } from './stage'
import { pick, Window } from './window'
import { until } from './world'

staged('an approval shows the exact call, is announced, and runs once allowed', {}, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Hello', model: world.script('asking', afterGreeting(ASKING)) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('Ready when you are.'))
  await window.message.fill('Write the list')
  await window.message.press('Enter')
  await seen(window.said('echo ran > /outputs/ran.txt'))
  await until('the announcement', async () => /needs you/i.test(await window.announced('assertive')))
  assert.equal(existsSync(join(world.taskFolder(task), 'outputs/ran.txt')), false, 'nothing ran before the answer')
  await window.button('Allow once').click()
  await seen(window.said('The list is written.'))
  assert.equal(readFileSync(join(world.taskFolder(task), 'outputs/ran.txt'), 'utf8'), 'ran\n')
  await gone(window.button('Allow once'))
  await seen(window.said('You allowed once'))
})

staged('a denial carries a note, and the model hears it', {}, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Write the list', model: world.script('asking', ASKING) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await window.button('Deny').click()
  await page.getByRole('textbox', { name: 'What should happen instead?' }).fill('put it into a table instead')
  await window.button('Deny').last().click()
  await seen(window.said('Understood, a table instead.'))
  await seen(window.said('You denied'))
  assert.equal(existsSync(join(world.taskFolder(task), 'outputs/ran.txt')), false)
})

staged('a deletion asks in every mode and names what goes', {}, async ({ world, door, page, open }) => {
  const folder = world.folder('work', CHANGED_FILES)
  const task = await door.make({ prompt: 'Clean up', model: world.script('deleting', DELETING), mode: 'skip', folders: [folder] })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  for (const name of ['old.txt', 'list.csv']) {
    const card = page.getByRole('group', { name: new RegExp(`^Delete ${name}`) })
    await seen(card.getByText('1 file'))
    await seen(card.getByText('rm old.txt deep/list.csv'))
    assert.equal(Object.keys(world.tree(folder)).some((path) => path.endsWith(name)), true, 'it did not go before the answer')
    await card.getByRole('button', { name: 'Allow once' }).click()
  }
  await seen(window.said('Both lists are gone.'))
  assert.deepEqual(Object.keys(world.tree(folder)), ['bytes.bin', 'notes.txt'])
})

staged('questions are answered with one choice, several, and words of one’s own', {}, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Hello', model: world.script('questions', afterGreeting(QUESTIONS)) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('Ready when you are.'))
  await window.message.fill('Make a report')
  await window.message.press('Enter')
  await until('the announcement', async () => /Deskhand asks/.test(await window.announced('assertive')))
  await pick(page, 'radio', /Metric/)
  const answer = window.button('Answer')
  assert.equal(await answer.isEnabled(), false, 'one question is open')
  await pick(page, 'checkbox', /May/)
  await pick(page, 'checkbox', /July/)
  await answer.click()
  await seen(window.said('Metric, for May and July.'))
  await seen(window.said('Metric'))
  const [answered] = await door.facts(task, 'question_answered')
  assert.ok(answered)
})
