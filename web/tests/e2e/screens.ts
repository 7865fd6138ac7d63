// A walk through every screen of the window, with something real on each.
import { ASKING, CHANGED_FILES, CHANGES, DELETING, presenting, QUESTIONS, saying } from './scripts'
import { PHONE, seen, type Stage } from './stage'
import { Window } from './window'
import { until } from './world'

const REPORT = `# Weather report

Four years of daily records.

| month | rain | mean high |
|---|---:|---:|
| January | 129.8 | 8.1 |
| July | 14.1 | 26.1 |
`
const CHART = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><title>Rain</title><rect x="10" y="30" width="30" height="60" fill="#9db8d2"/><rect x="60" y="60" width="30" height="30" fill="#9db8d2"/></svg>'
const TABLE = `month,rain,high\n${Array.from({ length: 12 }, (_, index) => `${index + 1},${(index * 7) % 40},${index + 5}`).join('\n')}\n`
const PAGE = '<!doctype html><title>Page</title><style>h1 { color: teal }</style><h1>A page</h1><p>With its own style.</p>'

const ANSWER = `The report is ready. **July** was the driest month, and the total is computed as $r = \\sum_i d_i$.

| file | what |
|---|---|
| report.md | the report |
| summary.csv | the figures |

\`\`\`python
def mean(values):
    return sum(values) / len(values)
\`\`\`
`

/** Calls \`look\` on every screen once it is complete. */
export async function visitScreens(stage: Stage, look: (name: string) => Promise<void>): Promise<void> {
  const { page, world, door, go, settled } = stage
  const window = new Window(page)
  const phone = (page.viewportSize()?.width ?? 0) <= PHONE.width
  await stage.open('/welcome')
  await seen(page.getByRole('heading').first())
  await settled()
  await look('welcome')
  await window.skipWelcome()
  await go('/')
  await seen(window.job)
  await look('home')

  const folder = world.folder('Receipts', CHANGED_FILES)
  const done = await door.make({ prompt: 'Make a weather report from this folder', model: world.script('report', presenting({ 'report.md': REPORT, 'summary.csv': TABLE, 'chart.svg': CHART, 'page.html': PAGE }, ANSWER)) })
  const changed = await door.make({ prompt: 'Translate my notes', model: world.script('changes', CHANGES), mode: 'auto', folders: [folder] })
  const deletion = await door.make({ prompt: 'Remove old lists', model: world.script('deleting', DELETING), mode: 'auto', folders: [world.folder('Lists', CHANGED_FILES)] })
  const asked = await door.make({ prompt: 'Compare supplier contracts', model: world.script('questions', QUESTIONS) })
  const approval = await door.make({ prompt: 'Rename and tag the photos', model: world.script('asking', ASKING) })
  await door.make({ prompt: 'Weekly digest', model: world.script('digest', saying('Three mails matter this week.')) })
  for (const task of [done, changed]) await until('the end', async () => (await door.view(task)).state === 'done')
  for (const task of [asked, approval, deletion]) await until('the question', async () => (await door.view(task)).state === 'needs_you')
  await door.wish(changed, { type: 'mark', data: { type: 'pinned' } })

  await go('/')
  await seen(window.job)
  await look('home-with-tasks')
  await go(`/tasks/${done}`)
  await seen(window.said(/July/))
  await look('task')
  for (const name of ['report.md', 'summary.csv', 'chart.svg', 'page.html']) {
    await window.button(`Preview ${name}`).first().click()
    await seen(window.button('Close preview').or(window.button('Close')))
    await settled()
    await look(`preview-${name.replace('.', '-')}`)
    await window.button('Close preview').or(window.button('Close')).first().click()
  }
  await go(`/tasks/${changed}`)
  await seen(window.said('First turn done.'))
  await look('task-changes')
  await window.button('Undo this turn…').click()
  await seen(window.dialog().getByText('notes.txt'))
  await look('undo')
  await page.keyboard.press('Escape')
  await go(`/tasks/${deletion}`)
  await seen(window.button('Allow once'))
  await look('deletion')
  await go(`/tasks/${asked}`)
  await seen(window.button('Answer'))
  await look('question')
  await go(`/tasks/${approval}`)
  await seen(window.button('Allow once'))
  await look('approval')
  if (phone) {
    await window.button('Show the list of tasks').click()
    await seen(page.getByRole('link', { name: /Weekly digest/ }))
    await look('list-drawer')
    await page.keyboard.press('Escape')
    await window.button('Show details').click()
    await seen(page.getByRole('heading', { name: /Progress/ }))
    await look('details-drawer')
    await page.keyboard.press('Escape')
  } else {
    await window.row('Weekly digest').click({ button: 'right' })
    await seen(page.getByRole('menuitem', { name: 'Rename' }))
    await look('task-menu')
    await page.keyboard.press('Escape')
    await page.keyboard.press('ControlOrMeta+K')
    await seen(page.getByRole('combobox'))
    await look('palette')
    await page.keyboard.press('Escape')
  }
  for (const section of ['general', 'appearance', 'keyboard', 'providers', 'limits', 'permissions', 'network', 'storage', 'skills', 'connectors', 'plugins', 'readiness', 'about']) {
    await go(`/customize/${section}`)
    await look(`customize-${section}`)
  }
  await go('/customize/providers')
  await window.button('Add a provider').click()
  await seen(window.dialog('Add a provider'))
  await look('provider-form')
  await page.keyboard.press('Escape')
  await go('/')
  await window.button(/Work in a folder/).click()
  await seen(window.dialog('Work in a folder').getByRole('option').first())
  await look('folder-browser')
  await page.keyboard.press('Escape')
  for (const path of ['projects', 'scheduled', 'dispatch', 'archive', 'there-is-nothing-here']) {
    await go(`/${path}`)
    await look(path)
  }
}
