// What a task's screen shows: words found again, the rail restored on reopening.
import { CHANGED_FILES, CHANGES, countedWords, saying } from './scripts'
import { seen, staged } from './stage'
import { Window } from './window'
import { until } from './world'

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
