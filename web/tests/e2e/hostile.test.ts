// Twenty-five payloads that try to reach out, shown in an answer and in previews: nothing reaches a listener.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { armed, PAYLOADS } from './payloads'
import { presenting } from './scripts'
import { onStage, seen } from './stage'
import { Trap, TRAP_HOST } from './trap'
import { Window } from './window'

const NAME = 'twenty-five hostile payloads reach nobody'

test('a link that lies and a picture from elsewhere say where they lead, and fetch nothing', { timeout: 120_000 }, async () => {
  const trap = await Trap.start()
  try {
    await onStage('a link that lies', { flags: [trap.flag] }, async ({ world, door, page, open, settled }) => {
      const host = `${TRAP_HOST}:${trap.port}`
      const text = `Go to [https://bank.example/login](http://${host}/login).\n\n![chart](http://${host}/chart.png)\n\nThat is all.`
      const task = await door.make({ prompt: 'Show me', model: world.script('lies', presenting({}, text)) })
      await open(`/tasks/${task}`)
      const window = new Window(page)
      await seen(window.said('That is all.'))
      await window.conversation.getByRole('link', { name: /bank\.example/ }).click()
      await seen(page.getByText(`The link says bank.example but leads to ${TRAP_HOST}`))
      await page.keyboard.press('Escape')
      await window.conversation.getByRole('button', { name: `Picture from ${TRAP_HOST}` }).click()
      await seen(page.getByText(/would tell .* that you are reading this/))
      await settled()
      assert.equal(trap.connections, 0)
    })
  } finally {
    await trap.end()
  }
})

test(NAME, { timeout: 240_000 }, async () => {
  const trap = await Trap.start()
  try {
    const addresses = [`http://127.0.0.1:${trap.port}`, `http://${TRAP_HOST}:${trap.port}`]
    assert.equal(PAYLOADS.length, 25)
    for (const address of addresses) {
      await onStage(NAME, { flags: [trap.flag] }, async ({ world, door, page, open, context, settled }) => {
        const window = new Window(page)
        const markdown = PAYLOADS.filter((payload) => payload.kind === 'markdown')
        const files = Object.fromEntries(
          PAYLOADS.filter((payload) => payload.kind !== 'markdown').map((payload, index) => [`p${index}.${payload.kind}`, armed(payload, address)]),
        )
        files['all.md'] = markdown.map((payload) => armed(payload, address)).join('\n\n')
        const answer = markdown.map((payload, index) => `Number ${index + 1}.\n\n${armed(payload, address)}`).join('\n\n')
        const task = await door.make({ prompt: 'Show me', model: world.script('hostile', presenting(files, `${answer}\n\nThat is all.`)) })
        await open(`/tasks/${task}`)
        await seen(window.said('That is all.'))
        await settled()
        // Pointing at a link or tabbing to it must not fetch either.
        for (const link of await window.conversation.getByRole('link').all()) await link.hover({ trial: false, timeout: 2_000 }).catch(() => undefined)
        for (const name of Object.keys(files)) {
          await window.button(`Preview ${name}`).first().click()
          await seen(page.getByRole('heading', { name }))
          await settled()
          await window.button('Close preview').first().click()
        }
        await settled()
        assert.deepEqual({ connections: trap.connections, sent: trap.sent }, { connections: 0, sent: [] }, 'nothing was reached')
        assert.equal(context.pages().length, 1, 'no page opened by itself')
        assert.equal(new URL(page.url()).pathname, `/tasks/${task}`, 'the page stayed where it was')
      })
    }
    await onStage(`${NAME}: the trap works`, { flags: [trap.flag] }, async ({ page }) => {
      await page.goto('about:blank')
      await page.setContent(`<img src="${addresses[1]}/control.png">`)
      await page.waitForLoadState('networkidle')
      assert.ok(trap.connections > 0, 'without the protection the trap is reached')
    })
  } finally {
    await trap.end()
  }
})
