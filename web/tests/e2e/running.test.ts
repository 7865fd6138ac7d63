// A run under way: steered, stopped, paused, read on after a reload, and read on after the daemon was killed.
import assert from 'node:assert/strict'
import { countedWords, LONG_ANSWER, TALKING } from './scripts'
import { seen, staged } from './stage'
import { Window } from './window'
import { Daemon, until } from './world'
import { Door } from './door'

staged('what is said during a run is read at the next step', {}, async ({ world, door, page, open }) => {
  const folder = world.folder('work', { 'a.txt': 'one\n' })
  const task = await door.make({ prompt: 'Look around', model: world.script('talking', TALKING), folders: [folder] })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await window.counts(10)
  await window.message.fill('and count the lines')
  await window.message.press('Enter')
  await seen(window.said('Will be read at the next step'))
  await seen(window.said('I heard you and count the lines.'))
  assert.equal(await window.message.inputValue(), '')
})

staged('Stop ends the run at once and keeps what was said', {}, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Talk', model: world.script('long', LONG_ANSWER) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await window.counts(20)
  await window.button('Stop').first().click()
  await seen(window.said('You stopped this turn'))
  const words = await window.countedWords()
  assert.deepEqual(words, countedWords(words.length).split(' '))
  assert.ok(words.length < 400)
  assert.equal((await door.view(task)).state, 'stopped')
  await window.message.fill('go on')
  await window.message.press('Enter')
  await seen(window.said(/second turn is short|w400/))
})

staged('Pause lets nothing new begin until Resume', {}, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Look', model: world.script('talking', TALKING) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await window.counts(10)
  await window.button('Pause').first().click()
  await seen(window.button('Resume'))
  await until('the pause', async () => (await door.view(task)).state === 'paused')
  await window.button('Resume').first().click()
  await seen(window.said('Nothing was said meanwhile.'))
})

staged('a reload in mid-stream goes on where it was and doubles nothing', {}, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Talk', model: world.script('long', LONG_ANSWER) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await window.counts(40)
  await page.reload()
  await window.counts(60)
  const words = await window.countedWords()
  assert.deepEqual(words, countedWords(words.length).split(' '), 'the text under way is told from its beginning')
  assert.ok(words.length < 400, 'while it still streams')
  await page.reload()
  await window.counts(400)
  await until('the end', async () => (await door.view(task)).state === 'done')
  assert.deepEqual(await window.countedWords(), countedWords(400).split(' '))
})

staged('a killed daemon is told, and the page goes on with the next one', {}, async ({ world, daemon, door, page, open }) => {
  const task = await door.make({ prompt: 'Talk', model: world.script('long', LONG_ANSWER) })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await window.counts(40)
  await window.message.fill('a draft that must not be lost')
  await daemon.kill()
  await seen(page.getByText(/does not answer/))
  const before = await window.countedWords()
  assert.ok(before.length >= 40, 'what was read stays on the screen')
  assert.equal(await window.message.inputValue(), 'a draft that must not be lost')
  const next = await Daemon.start(world, daemon.port)
  try {
    await seen(page.getByText(/started anew/))
    await page.goto(next.addressOf(`/tasks/${task}`))
    await until('the end', async () => (await new Door(next).view(task)).state === 'done')
    await seen(window.said(/w400/))
    assert.equal(await window.message.inputValue(), 'a draft that must not be lost')
    const words = await window.countedWords()
    assert.deepEqual(words.slice(-400), countedWords(400).split(' '), 'the answer is whole')
  } finally {
    await next.end()
  }
})
