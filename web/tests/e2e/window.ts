// The window as its user finds it: by role and name.
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { PATIENCE, seen } from './stage'
import { until } from './world'

export class Window {
  constructor(readonly page: Page) {}

  get conversation(): Locator {
    return this.page.getByRole('log', { name: 'Conversation' }).or(this.page.getByRole('region', { name: 'Conversation' })).first()
  }

  get job(): Locator {
    return this.page.getByRole('textbox', { name: 'Job' })
  }

  get message(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' })
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' })
  }

  dialog(name?: string | RegExp): Locator {
    return name === undefined ? this.page.getByRole('dialog') : this.page.getByRole('dialog', { name })
  }

  /** A task in the list. */
  row(title: string): Locator {
    return this.page.getByRole('navigation', { name: 'Tasks' }).getByRole('link', { name: title })
  }

  /** A word or sentence in the conversation. */
  said(text: string | RegExp): Locator {
    return this.conversation.getByText(text)
  }

  /** Leaves the first-run page, where it stands in the way. */
  async skipWelcome(): Promise<void> {
    const skip = this.page.getByRole('button', { name: 'Skip for now' })
    await seen(skip.or(this.job))
    if (await skip.isVisible()) await skip.click()
    await seen(this.job)
  }

  /** The state shown in the header. */
  async stands(word: string, timeout = PATIENCE): Promise<void> {
    await seen(this.page.getByRole('main').locator('header').getByText(word, { exact: true }), timeout)
  }

  /** The counted words on the screen, in order. */
  async countedWords(): Promise<string[]> {
    const text = await this.conversation.innerText()
    return text.match(/\bw\d+\b/g) ?? []
  }

  /** Waits until this many counted words stand on the screen. */
  async counts(most: number): Promise<void> {
    await until(`${most} words`, async () => (await this.countedWords()).length >= most)
  }

  /** What was announced so far to a screen reader. */
  async announced(politeness: 'polite' | 'assertive'): Promise<string> {
    return (await this.page.locator(`[aria-live="${politeness}"]`).allInnerTexts()).join('\n')
  }

  /** The id of the open task. */
  task(): string {
    const id = /\/tasks\/([a-z0-9]{10})/.exec(this.page.url())?.[1]
    assert.ok(id, `no task is open: ${this.page.url()}`)
    return id
  }

  /** Waits until a task is open. */
  async opensTask(): Promise<string> {
    await this.page.waitForURL(/\/tasks\/[a-z0-9]{10}/, { timeout: PATIENCE })
    await seen(this.conversation)
    return this.task()
  }

  /** Whether anything is wider than the window. */
  async overflow(): Promise<number> {
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  }
}

/** Picks a card: its input is there for keys and screen readers, and a pointer meets its label. */
export async function pick(page: Page, role: 'radio' | 'checkbox', name: RegExp): Promise<void> {
  const input = page.getByRole(role, { name })
  await page.locator('label').filter({ has: input }).click()
  await until(`${name} picked`, () => input.isChecked())
}
