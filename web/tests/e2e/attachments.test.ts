// Files that come into the composer by the hand of the user: dragged from the desktop, pasted from the clipboard.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CDPSession, Locator, Page } from 'playwright-core'
import { saying, withDefaultModel } from './scripts'
import { gone, seen, staged } from './stage'
import { Window } from './window'
import type { World } from './world'

const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] }

function withScript(world: World): void {
  world.write('config/deskhand/config.toml', withDefaultModel(world.script('short', saying('There it is.'))))
}

/** Files of this computer held over the middle of the window, as a desktop's file manager hands them to the browser. */
class Drag {
  private constructor(private readonly session: CDPSession, private readonly files: string[]) {}

  static async over(page: Page, files: string[]): Promise<Drag> {
    const drag = new Drag(await page.context().newCDPSession(page), files)
    await drag.send('dragEnter')
    await drag.send('dragOver')
    return drag
  }

  async send(type: 'dragEnter' | 'dragOver' | 'drop'): Promise<void> {
    await this.session.send('Input.dispatchDragEvent', { type, x: 700, y: 400, data: { items: [], files: this.files, dragOperationsMask: 1 } })
  }
}

/** One step of a drag made in the page: the protocol of the browser has no leaving. */
function dragged(page: Page, step: 'dragenter' | 'dragleave'): Promise<void> {
  return page.evaluate((type) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([], 'letter.txt'))
    document.body.dispatchEvent(new DragEvent(type, { bubbles: true, dataTransfer }))
  }, step)
}

function attached(page: Page): Locator {
  return page.getByRole('list', { name: 'Attached files' }).getByRole('listitem')
}

/** Puts a picture on the clipboard, as a screenshot does, and gives its bytes. */
async function copyPicture(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(4, 4)
    canvas.getContext('2d')?.fillRect(0, 0, 4, 4)
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': await canvas.convertToBlob() })])
    const [item] = await navigator.clipboard.read()
    const bytes = new Uint8Array(await (await item?.getType('image/png'))?.arrayBuffer() ?? [])
    return btoa(String.fromCharCode(...bytes))
  })
  return Buffer.from(base64, 'base64')
}

staged('files dragged onto the window are attached; a folder is not', { prepare: withScript }, async ({ world, door, page, open }) => {
  const letter = world.write('desktop/letter.txt', 'Dear reader\n')
  const bytes = new Uint8Array([0, 159, 146, 150])
  const data = world.write('desktop/data.bin', bytes)
  await open()
  const window = new Window(page)
  await window.skipWelcome()
  await dragged(page, 'dragenter')
  await seen(page.getByText('Drop to attach'))
  await dragged(page, 'dragleave')
  await gone(page.getByText('Drop to attach'))
  assert.equal(await attached(page).count(), 0)
  const files = await Drag.over(page, [letter, data, join(world.root, 'desktop')])
  await seen(page.getByText('Drop to attach'))
  await files.send('drop')
  await gone(page.getByText('Drop to attach'))
  await seen(page.getByText('Folders cannot be attached.'))
  assert.deepEqual(await attached(page).allInnerTexts(), ['letter.txt\n12 bytes', 'data.bin\n4 bytes'])
  await window.job.fill('Read them')
  await window.button('Start').click()
  const task = await window.opensTask()
  await seen(window.said('There it is.'))
  assert.deepEqual((await door.view(task)).uploads.map(({ name }) => name).sort(), ['data.bin', 'letter.txt'])
  assert.deepEqual(readFileSync(join(world.taskFolder(task), 'uploads/data.bin')), Buffer.from(bytes))
  const rail = page.getByRole('complementary')
  for (const name of ['letter.txt', 'data.bin']) await seen(rail.getByText(name))
})

staged('a file taken off again is not handed over', { prepare: withScript }, async ({ world, door, page, open }) => {
  const paths = ['keep.txt', 'leave.txt'].map((name) => world.write(`desktop/${name}`, name))
  await open()
  const window = new Window(page)
  await window.skipWelcome()
  await (await Drag.over(page, paths)).send('drop')
  await window.button('Do not attach leave.txt').click()
  await window.job.fill('Read it')
  await window.button('Start').click()
  const task = await window.opensTask()
  assert.deepEqual((await door.view(task)).uploads.map(({ name }) => name), ['keep.txt'])
})

staged('a pasted picture goes with the message, pasted words go into it', { prepare: withScript, context: CLIPBOARD }, async ({ world, door, page, open }) => {
  const task = await door.make({ prompt: 'Wait', model: world.script('wait', 'replies:\n  - text: Ready.\n  - text: I see it.\n') })
  await open(`/tasks/${task}`)
  const window = new Window(page)
  await seen(window.said('Ready.'))
  const picture = await copyPicture(page)
  await window.message.focus()
  await page.keyboard.press('ControlOrMeta+V')
  await seen(attached(page).getByText('image.png'))
  await seen(attached(page).locator('img'))
  assert.equal(await window.message.inputValue(), '')
  await page.evaluate(() => navigator.clipboard.writeText('What is this?'))
  await page.keyboard.press('ControlOrMeta+V')
  assert.equal(await window.message.inputValue(), 'What is this?')
  assert.equal(await attached(page).count(), 1)
  await page.keyboard.press('Enter')
  await seen(window.said('I see it.'))
  await seen(window.said('image.png'))
  await gone(attached(page))
  assert.deepEqual((await door.view(task)).uploads.map(({ name }) => name), ['image.png'])
  assert.deepEqual(readFileSync(join(world.taskFolder(task), 'uploads/image.png')), picture)
})
