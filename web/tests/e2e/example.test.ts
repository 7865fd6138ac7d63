// The example job, from the first visit to the downloaded file.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { seen, staged, type Stage } from './stage'
import { pick, Window } from './window'

/** Answers everything the example asks, and waits for its end. */
async function playExample(stage: Stage): Promise<string> {
  const window = new Window(stage.page)
  const task = await window.opensTask()
  await pick(stage.page, 'radio', /Metric/)
  await window.button('Answer').click()
  await window.button('Allow for this task').first().click()
  await seen(window.said(/report, the monthly table and the chart are ready/), 60_000)
  return task
}

async function downloads(stage: Stage, task: string, name: string): Promise<void> {
  const started = stage.page.waitForEvent('download')
  await stage.page.getByRole('link', { name: `Download ${name}` }).first().click()
  const saved = await (await started).path()
  const onDisk = readFileSync(join(stage.world.taskFolder(task), 'outputs', name))
  assert.ok(onDisk.length > 100, name)
  assert.deepEqual(readFileSync(saved), onDisk, `${name} comes down byte for byte`)
}

staged('the first visit leads to the example and its files come down byte for byte', {}, async (stage) => {
  await stage.open()
  await stage.page.waitForURL(/\/welcome/)
  await stage.page.getByRole('button', { name: /Try the example A weather/ }).click()
  const task = await playExample(stage)
  const window = new Window(stage.page)
  await seen(stage.page.getByText('5 of 5'))
  for (const name of ['report.md', 'summary.csv', 'chart.svg']) await downloads(stage, task, name)
  const report = readFileSync(join(stage.world.taskFolder(task), 'outputs/report.md'), 'utf8')
  assert.match(report, /mm/, 'the answer was heard')
  assert.equal((await stage.door.view(task)).state, 'done')
  await window.button('Preview report.md').first().click()
  await seen(stage.page.getByRole('heading', { name: 'Seattle, four years of weather' }))
})

staged('the example starts from New task as well', {}, async (stage) => {
  await stage.open('/welcome')
  await new Window(stage.page).skipWelcome()
  await seen(stage.page.getByRole('heading', { name: 'What should get done?' }))
  await stage.page.getByRole('button', { name: /Try the example A weather/ }).click()
  await playExample(stage)
})
