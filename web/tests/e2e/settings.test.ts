// Customize: a provider connected against a real server, settings that save themselves, readiness, appearance.
import assert from 'node:assert/strict'
import { FakeProvider, KEY } from './fake-provider'
import { gone, seen, staged } from './stage'
import { pick, Window } from './window'
import { until } from './world'

staged('a provider is added, tested, saved, used and removed', {}, async ({ world, page, open }) => {
  const provider = await FakeProvider.start()
  try {
    await open('/customize/providers')
    const window = new Window(page)
    await window.button('Add a provider').click()
    const form = window.dialog('Add a provider')
    await form.getByRole('textbox', { name: 'Name' }).fill('work')
    await form.getByRole('textbox', { name: 'Address' }).fill(provider.address)
    await form.getByLabel('Key', { exact: true }).fill('sk-wrong')
    await form.getByRole('button', { name: 'Test' }).click()
    await seen(form.getByText('It does not work yet'))
    await form.getByLabel('Key', { exact: true }).fill(KEY)
    await form.getByRole('button', { name: 'Test' }).click()
    await seen(form.getByText('It works'))
    await seen(form.getByText('desk-large'))
    await form.getByRole('button', { name: 'Save' }).click()
    await gone(form)
    const row = page.getByRole('listitem').filter({ hasText: 'work' }).filter({ hasText: provider.address })
    await seen(row.getByText(/2 models/))
    const file = world.settings()
    assert.match(file, /\[providers\.work\]/)
    assert.doesNotMatch(file, new RegExp(KEY), 'a key is never in the settings file')

    await page.goto(new URL('/', page.url()).href)
    await page.getByRole('button', { name: /^Model/ }).click()
    await page.getByRole('option', { name: /desk-small/ }).or(page.getByRole('menuitemradio', { name: /desk-small/ })).first().click()
    await window.job.fill('Say hello')
    await window.button('Start').click()
    await window.opensTask()
    await seen(window.said('Hello from the desk.'))

    await page.goto(new URL('/customize/providers', page.url()).href)
    await page.getByRole('button', { name: 'Remove work' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await until('the provider gone from the file', () => !world.settings().includes('providers.work'))
    await gone(page.getByRole('alertdialog'))
    await gone(page.getByRole('button', { name: 'Remove work' }))
  } finally {
    await provider.end()
  }
})

staged('a wrong form says what is wrong beside the field', {}, async ({ page, open }) => {
  await open('/customize/providers')
  const window = new Window(page)
  await window.button('Add a provider').click()
  const form = window.dialog('Add a provider')
  await form.getByRole('button', { name: 'Save' }).click()
  await seen(form.getByText('Give it a name.'))
  await seen(form.getByText('Give its address.'))
  const name = form.getByRole('textbox', { name: 'Name' })
  assert.equal(await name.getAttribute('aria-invalid'), 'true')
  await name.fill('openai')
  await seen(form.getByText('There is a provider with this name already.'))
})

staged('general settings and limits save themselves and survive', {}, async ({ world, page, open }) => {
  await open('/customize/general')
  await pick(page, 'radio', /^Auto/)
  await seen(page.getByText('Saved', { exact: true }))
  const instructions = page.getByRole('textbox', { name: 'Instructions for new tasks' })
  await instructions.fill('Write in British English.')
  await instructions.blur()
  await until('the stored text', () => world.settings().includes('British English'))
  await page.getByRole('link', { name: 'Limits' }).click()
  const minutes = page.getByRole('textbox', { name: 'Minutes of work per turn' })
  await minutes.fill('ten')
  await seen(page.getByText('Write a whole number, or leave it empty.'))
  await minutes.fill('45')
  await minutes.blur()
  await until('the stored limit', () => /minutes = 45/.test(world.settings()))
  await page.reload()
  assert.equal(await page.getByRole('textbox', { name: 'Minutes of work per turn' }).inputValue(), '45')
  await page.getByRole('link', { name: 'General' }).click()
  assert.equal(await page.getByRole('radio', { name: /^Auto/ }).isChecked(), true)
})

staged('readiness, about and what is still to come are pages with next steps', {}, async ({ world, page, open }) => {
  await open('/customize/readiness')
  await seen(page.getByText('Where tasks are kept'))
  const models = page.getByRole('listitem').filter({ hasText: 'Next step' })
  await models.getByRole('link', { name: 'Open Providers' }).click()
  await seen(page.getByRole('heading', { level: 1, name: 'Providers' }))
  await page.getByRole('link', { name: 'About' }).click()
  await seen(page.getByText(world.home))
  for (const name of ['Skills', 'Connectors', 'Plugins']) {
    await page.getByRole('link', { name, exact: true }).click()
    await seen(page.getByRole('heading', { level: 1, name }))
    await seen(page.getByText('Until then'))
  }
})

staged('the appearance changes at once and stays', {}, async ({ page, open }) => {
  await open('/customize/appearance')
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await ground()
  await pick(page, 'radio', /^Dark/)
  await until('the dark ground', async () => (await ground()) !== light)
  const dark = await ground()
  await pick(page, 'radio', /^Large/)
  await page.reload()
  await seen(page.getByRole('radio', { name: /^Dark/ }))
  assert.equal(await ground(), dark)
  assert.equal(await page.getByRole('radio', { name: /^Large/ }).isChecked(), true)
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), '18px')
})
