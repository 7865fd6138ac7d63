// Every screen, in light and in dark, at a desk and on a phone: a picture of each in target/screenshots, and axe finds
// nothing serious and nothing critical on it.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { REPOSITORY } from './world'
import { DESK, onStage, PHONE } from './stage'
import { visitScreens } from './screens'

const AXE = readFileSync(`${REPOSITORY}/web/node_modules/axe-core/axe.min.js`, 'utf8')

interface Finding {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** What is serious on the page as it is now, one line for each kind of element. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = await page.evaluate<Finding[]>('axe.run(document, { resultTypes: ["violations"] }).then((result) => result.violations)')
  const grave = found.filter((finding) => finding.impact === 'serious' || finding.impact === 'critical')
  return grave.flatMap((finding) =>
    finding.nodes.map((node) => {
      const plain = node.html.replace(/ (?:class|style|id|href|data-[a-z-]+|aria-describedby|aria-controls|aria-labelledby)="[^"]*"/g, '')
      const why = (node.failureSummary ?? '').split('\n').slice(1).join(' ').trim()
      return `${finding.id}: ${plain.slice(0, 140)} (${why.slice(0, 200)})`
    }),
  )
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of [['desk', DESK], ['phone', PHONE]] as const) {
    const name = `every screen in ${colorScheme}, ${size}: a picture, and nothing serious for axe`
    test(name, { timeout: 240_000 }, () => onStage(name, { viewport, context: { colorScheme } }, async (stage) => {
      const folder = join(REPOSITORY, 'target/screenshots', `${colorScheme}-${size}`)
      mkdirSync(folder, { recursive: true })
      const wrong = new Map<string, Set<string>>()
      let screens = 0
      await visitScreens(stage, async (screen) => {
        screens += 1
        await stage.page.screenshot({ path: join(folder, `${screen}.png`), animations: 'disabled' })
        for (const finding of await findings(stage.page)) wrong.set(finding, (wrong.get(finding) ?? new Set()).add(screen))
      })
      const told = [...wrong].map(([finding, on]) => `${finding} on ${[...on].slice(0, 4).join(', ')}${on.size > 4 ? ` and ${on.size - 4} more` : ''}`)
      assert.deepEqual(told, [])
      assert.ok(screens >= 30, `${screens} screens were looked at`)
    }))
  }
}
