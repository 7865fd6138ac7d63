// What a task's screen shows: the same view as the server's, words found again, the rail restored on reopening.
import assert from 'node:assert/strict'
import { viewOf } from '../../src/stream/view'
import { CHANGED_FILES, CHANGES, QUESTIONS, countedWords, saying } from './scripts'
import { seen, staged } from './stage'
import { Window } from './window'
import { until } from './world'

staged('the fold of the screen is the view of the server', {}, async ({ world, door }) => {
  const folder = world.folder('work', CHANGED_FILES)
  const asked = await door.make({ prompt: 'Make a report', model: world.script('questions', QUESTIONS) })
  const changed = await door.make({ prompt: 'first', model: world.script('changes', CHANGES), mode: 'auto', folders: [folder] })
  await until('the question', async () => (await door.view(asked)).state === 'needs_you')
  await until('the end', async () => (await door.view(changed)).state === 'done')
  await door.wish(changed, { type: 'undo', data: { selection: { turn: 1 } } })
  await door.wish(changed, { type: 'mark', data: { type: 'pinned' } })
  await door.wish(changed, { type: 'set_instructions', data: { text: 'Be brief.' } })
  await until('the instructions', async () => (await door.view(changed)).instructions === 'Be brief.')
  for (const task of [asked, changed]) {
    assert.deepEqual(viewOf(await door.events(task)), await door.view(task))
  }
})

staged('words are found in a long task, also where they are not drawn', {}, async ({ world, door, page, open }) => {
  const text = `${countedWords(2000).replaceAll(/(w\d*0) /g, '$1\n\n')}\n\nThe kingfisher sits here.\n\n${'More of it.\n\n'.repeat(60)}`
  const task = await door.make({ prompt: 'Tell me', model: world.script('story', saying(text)) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('More of it.'))
  await page.keyboard.press('ControlOrMeta+F')
  const field = page.getByRole('searchbox').or(page.getByRole('textbox', { name: 'Find in this task' })).first()
  await field.fill('kingfisher')
  await seen(page.getByText('1 of 1'))
  await field.press('Enter')
  await until('the hit in sight', async () => window.said('kingfisher').first().isVisible())
  await field.fill('there is no such bird')
  await seen(page.getByText('No hits'))
  await field.press('Escape')
})

staged('a task opens again as it was left', {}, async ({ world, door, page, open }) => {
  const folder = world.folder('work', CHANGED_FILES)
  const task = await door.make({ prompt: 'first', model: world.script('changes', CHANGES), mode: 'auto', folders: [folder] })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('First turn done.'))
  const rail = page.getByRole('complementary')
  await seen(rail.getByText('notes.txt'))
  const before = await rail.innerText()
  await page.goto(new URL('/projects', page.url()).href)
  await seen(page.getByRole('heading', { name: 'Projects' }))
  await page.goBack()
  await seen(window.said('First turn done.'))
  await until('the same rail', async () => (await page.getByRole('complementary').innerText()) === before)
})
