// What changes among all tasks: one window listens and tells the others, and the lists of Recents follow.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextOffset, PAGE, recentsQuery } from '@api'
import type { Headline, TaskSummary } from '@api'
import { Feed } from '@stream/feed'
import type { FeedConnection, Windows, Word } from '@stream/feed'
import { takeHeadlines } from '@stream/recents'
import { newest, patched } from '@stream/shelves'
import { QueryClient } from '@tanstack/react-query'
import { FakeBrowser, settled } from './stream-ports'

function summary(id: string, changed_at: number, more: Partial<TaskSummary> = {}): TaskSummary {
  return { id, title: id, state: 'working', changed_at, made_at: 0, done: 0, total: 0, pinned: false, archived: false, unread: false, ...more }
}
const task = (...given: Parameters<typeof summary>): Headline => ({ type: 'task', data: summary(...given) })
const gone = (id: string): Headline => ({ type: 'gone', data: { id } })

/** Pages of tasks as the shelves keep them; one word per task. */
const pages = (...lists: TaskSummary[][]) => ({ pages: lists, pageParams: lists.map((_, index) => index) })
const names = (data: { pages: TaskSummary[][] }) => data.pages.map((page) => page.map(({ id }) => id).join(' '))

test('a task goes where its last change puts it', () => {
  const data = pages([summary('d', 40), summary('c', 30)], [summary('b', 20), summary('a', 10)])
  const table: [Headline[], boolean, string[]][] = [
    [[task('a', 50)], false, ['a d c', 'b']],
    [[task('new', 35)], false, ['d new c', 'b a']],
    [[task('b', 20, { title: 'renamed' })], false, ['d c', 'b a']],
    [[task('bb', 20)], false, ['d c', 'bb b a']],
    [[gone('c'), task('a', 45)], false, ['a d', 'b']],
    [[task('d', 60, { archived: true })], false, ['c', 'b a']],
    [[task('old', 5)], false, ['d c', 'b a']],
    [[task('old', 5)], true, ['d c', 'b a old']],
    [[task('a', 50), task('a', 51), gone('a')], false, ['d c', 'b']],
  ]
  for (const [headlines, whole, wanted] of table) {
    assert.deepEqual(names(patched(data, 'current', newest(headlines), whole)), wanted, JSON.stringify(headlines))
  }
  assert.deepEqual(names(data), ['d c', 'b a'], 'what was there is not changed')
  assert.equal(patched(data, 'current', newest([task('old', 5), gone('x')]), false), data, 'nothing to do is nothing new')
  assert.deepEqual(names(patched(pages([]), 'current', newest([task('a', 1)]), true)), ['a'])
})

test('each shelf holds what belongs there', () => {
  const all = newest([task('kept', 3, { pinned: true }), task('plain', 2), task('put-away', 1, { archived: true, pinned: true })])
  const on = (shelf: 'current' | 'pinned' | 'archived') => names(patched(pages([]), shelf, all, true))
  assert.deepEqual([on('current'), on('pinned'), on('archived')], [['kept plain'], ['kept'], ['put-away']])
})

test('pages that grew and shrank are asked on from behind all of them', () => {
  const full = Array.from({ length: PAGE }, (_, index) => index)
  assert.equal(nextOffset([full]), PAGE)
  assert.equal(nextOffset([[...full, 0], full.slice(3)]), 2 * PAGE - 2)
  assert.equal(nextOffset([full, []]), undefined)
  assert.equal(nextOffset([[1, 2]]), undefined)
})

test('headlines change the lists that are loaded; a gap asks for them again', () => {
  const queries = new QueryClient()
  const { queryKey } = recentsQuery('current')
  takeHeadlines(queries, [task('a', 1)])
  assert.equal(queries.getQueryData(queryKey), undefined, 'what is not loaded is not made up')
  queries.setQueryData(queryKey, pages([summary('a', 1)]))
  takeHeadlines(queries, [task('b', 2), gone('a')])
  assert.deepEqual(names(queries.getQueryData(queryKey) ?? pages()), ['b'])
  assert.equal(queries.getQueryState(queryKey)?.isInvalidated, false)
  takeHeadlines(queries, [{ type: 'missed' }])
  assert.equal(queries.getQueryState(queryKey)?.isInvalidated, true)
})

test('a list that lost most of its last page is asked for again', () => {
  const queries = new QueryClient()
  const { queryKey } = recentsQuery('current')
  const many = Array.from({ length: PAGE }, (_, index) => summary(`t${index}`, PAGE - index))
  queries.setQueryData(queryKey, pages(many))
  takeHeadlines(queries, many.slice(0, PAGE / 2).map(({ id }) => gone(id)))
  assert.equal(queries.getQueryState(queryKey)?.isInvalidated, false)
  takeHeadlines(queries, [gone(`t${PAGE - 1}`)])
  assert.equal(queries.getQueryState(queryKey)?.isInvalidated, true)
})

/** Windows of one browser: the first that asks leads until it is closed. */
class House {
  readonly #heard = new Map<Windows, (word: Word) => void>()
  readonly #line: { readonly run: () => void }[] = []

  window(): Windows {
    const mine: Windows = {
      tell: (word) => {
        for (const [other, hear] of this.#heard) if (other !== mine) hear(word)
      },
      hear: (listener) => {
        this.#heard.set(mine, listener)
        return () => {
          this.#heard.delete(mine)
        }
      },
      lead: (run) => {
        const place = { run }
        this.#line.push(place)
        if (this.#line[0] === place) run()
        return () => {
          const leads = this.#line[0] === place
          this.#line.splice(this.#line.indexOf(place), 1)
          if (leads) this.#line[0]?.run()
        }
      },
    }
    return mine
  }
}

function window(house: House) {
  const page = new FakeBrowser()
  const taken: string[] = []
  const connections: FeedConnection[] = []
  const feed: Feed = new Feed({
    ports: page,
    windows: house.window(),
    take: (headlines) => taken.push(headlines.map((headline) => ('data' in headline ? headline.data.id : 'missed')).join(' ')),
    changed: () => connections.push(feed.connection),
  })
  feed.start()
  return { page, taken, connections, feed }
}

test('one window listens and tells the others, one batch at a time', async () => {
  const house = new House()
  const first = window(house)
  const second = window(house)
  assert.deepEqual([first.page.wires.map(({ path }) => path), second.page.wires.length], [['/api/v1/changes'], 0])
  await first.page.wire.open()
  await first.page.wire.write(`data: ${JSON.stringify(task('a', 1))}\n\ndata: ${JSON.stringify(gone('b'))}\n\n`)
  assert.deepEqual(first.taken, [])
  first.page.draw()
  assert.deepEqual([first.taken, second.taken], [['missed a b'], ['missed a b']])
})

test('lists fetched before anybody listened are fetched again, and only once', async () => {
  const house = new House()
  const first = window(house)
  first.page.draw()
  assert.deepEqual(first.taken, [], 'nothing before the stream is open')
  await first.page.wire.open()
  first.page.draw()
  await first.page.wire.write(`data: ${JSON.stringify(task('a', 1))}\n\n`)
  first.page.draw()
  assert.deepEqual(first.taken, ['missed', 'a'])
})

test('a broken stream is told everywhere, and what was missed is asked for', async () => {
  const house = new House()
  const first = window(house)
  const second = window(house)
  await first.page.wire.open()
  first.page.draw()
  await first.page.wire.end()
  const third = window(house)
  assert.deepEqual([first.connections, second.connections, third.connections], [['reconnecting'], ['reconnecting'], ['reconnecting']])
  await first.page.pass(500)
  await first.page.wire.open()
  first.page.draw()
  assert.deepEqual([first.feed.connection, second.feed.connection, third.feed.connection], ['live', 'live', 'live'])
  assert.deepEqual([first.taken, third.taken], [['missed', 'missed'], ['missed']])
})

test('when the listening window goes, another takes its place and misses nothing', async () => {
  const house = new House()
  const first = window(house)
  const second = window(house)
  await first.page.wire.open()
  first.feed.stop()
  await settled()
  assert.equal(first.page.wire.aborted, true)
  assert.equal(second.page.wire.path, '/api/v1/changes')
  await second.page.wire.open()
  await second.page.wire.write(`data: ${JSON.stringify(task('a', 1))}\n\n`)
  second.page.draw()
  assert.deepEqual(second.taken, ['missed a'])
})
