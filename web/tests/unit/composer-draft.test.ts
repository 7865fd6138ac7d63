// Drafts, attachments and recent folders: what is kept, what fits, what an older page may have left behind.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { admit, MOST_ATTACHED, pastedFiles, totalOf } from '@features/composer/attachments'
import type { Attached } from '@features/composer/attachments'
import { addWords, after, behind, draftFrom, draftOf, EMPTY_DRAFT, keepDraft, NEW_DRAFT, onSent, onWords, readDraft, wereSent, without } from '@features/composer/draft'
import { latestFirst, recentFolders, rememberFolders } from '@features/composer/recent-folders'
import { begin, onStarting, starting } from '@features/composer/starting'
import { doNotFit } from '@features/composer/words'
import type { FolderRequest } from '@api'

const stored = new Map<string, string>()

beforeEach(() => {
  stored.clear()
  const localStorage = {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => stored.set(name, value),
    removeItem: (name: string) => stored.delete(name),
  }
  Object.defineProperty(globalThis, 'localStorage', { value: localStorage, configurable: true })
})

const folder = (path: string, access: FolderRequest['access'] = 'read_write'): FolderRequest => ({ path, access })

test('a draft comes back as it was, with folders, mode, limits and the names of its files', () => {
  const draft = {
    text: 'Sort the receipts',
    folders: [folder('/home/anna/Receipts', 'read_only')],
    mode: 'auto' as const,
    model: 'ollama/small',
    effort: 'low',
    limits: { steps: 20, tokens: null, minutes: 15 },
    instructions: 'In euro.',
    attached: ['policy.pdf'],
  }
  keepDraft(NEW_DRAFT, draft)
  assert.deepEqual(readDraft(NEW_DRAFT), draft)
  assert.deepEqual(readDraft(draftOf('t1')), EMPTY_DRAFT, 'a task has a draft of its own')
})

test('an empty draft leaves nothing behind', () => {
  keepDraft(NEW_DRAFT, { ...EMPTY_DRAFT, text: 'x' })
  assert.equal(stored.size, 1)
  keepDraft(NEW_DRAFT, EMPTY_DRAFT)
  assert.equal(stored.size, 0)
})

test('what is damaged or from another version is left out, the rest stays', () => {
  assert.deepEqual(draftFrom(undefined), EMPTY_DRAFT)
  assert.deepEqual(draftFrom('text'), EMPTY_DRAFT)
  const odd = { text: 'keep me', mode: 'yolo', folders: [{ path: 'relative' }, { path: '/a', access: 'other' }, 7], limits: { steps: -1, minutes: 5 }, attached: ['a', 1] }
  assert.deepEqual(draftFrom(odd), {
    ...EMPTY_DRAFT,
    text: 'keep me',
    folders: [folder('/a')],
    limits: { steps: null, tokens: null, minutes: 5 },
    attached: ['a'],
  })
  stored.set(`deskhand.${NEW_DRAFT}`, '{"text":')
  assert.deepEqual(readDraft(NEW_DRAFT), EMPTY_DRAFT)
})

test('recent folders: the last one first, each once, eight at most', () => {
  rememberFolders([folder('/a')])
  rememberFolders([folder('/b'), folder('/c')])
  rememberFolders([folder('/a', 'read_only')])
  assert.deepEqual(recentFolders(), [folder('/a', 'read_only'), folder('/b'), folder('/c')])
  const many = Array.from({ length: 12 }, (_, at) => folder(`/${at}`))
  assert.equal(latestFirst([], many).length, 8)
  rememberFolders([])
  assert.equal(recentFolders().length, 3)
})

const admission = { most: 100, picture: () => undefined }
const file = (name: string, size: number, type = 'text/plain') => new File(['x'.repeat(size)], name, { type, lastModified: 1 })
const take = (have: readonly Attached[], ...files: File[]) => admit(have, files, admission)

test('files are taken as long as they fit together; smaller ones after one that does not fit still are', () => {
  const { attached, refused } = take([], file('a', 60), file('big', 50), file('b', 40))
  assert.deepEqual(attached.map((it) => it.file.name), ['a', 'b'])
  assert.deepEqual(refused, ['big'])
  assert.equal(totalOf(attached), 100)
  assert.deepEqual(take(attached, file('c', 1)).refused, ['c'])
  assert.deepEqual(take(attached, file('empty', 0)).refused, [])
})

test('the same file is attached once, and every attached file has an id of its own', () => {
  const first = take([], file('a', 1), file('b', 1)).attached
  const second = take(first.slice(1), file('b', 1), file('c', 1)).attached
  assert.deepEqual(second.map((it) => it.file.name), ['b', 'c'])
  assert.equal(new Set(second.map((it) => it.id)).size, 2)
})

test('the limit is the one the daemon has, and the message says which file and how much', () => {
  assert.equal(MOST_ATTACHED, 67_108_864)
  assert.equal(
    doNotFit(['film.mp4'], MOST_ATTACHED),
    '“film.mp4” does not fit: attachments may have 67 MB together. Put large files into a folder and work in that folder.',
  )
  assert.match(doNotFit(['a', 'b'], MOST_ATTACHED), /^2 files do not fit:/)
})

test('pasting from a table pastes its text and not the picture of it', () => {
  const picture = file('image.png', 3, 'image/png')
  assert.deepEqual(pastedFiles(['text/plain', 'text/html', 'Files'], [picture]), [])
  assert.deepEqual(pastedFiles(['Files'], [picture]), [picture])
})

test('words offered elsewhere are added once, to a composer that is shown or to the kept draft', () => {
  keepDraft(NEW_DRAFT, { ...EMPTY_DRAFT, text: 'First this.\n', folders: [folder('/a')] })
  addWords(NEW_DRAFT, 'Tidy the folder.')
  addWords(NEW_DRAFT, 'Tidy the folder.')
  assert.deepEqual(readDraft(NEW_DRAFT), { ...EMPTY_DRAFT, text: 'First this.\n\nTidy the folder.', folders: [folder('/a')] })
  const heard: string[] = []
  const close = onWords(NEW_DRAFT, (words) => heard.push(words))
  addWords(NEW_DRAFT, 'Then that.')
  close()
  assert.deepEqual(heard, ['Then that.'])
  assert.equal(readDraft(NEW_DRAFT).text, 'First this.\n\nTidy the folder.', 'the shown composer keeps its own draft')
})

test('a message that could not be sent stands before what was typed meanwhile', () => {
  assert.equal(after('The first.', ''), 'The first.')
  assert.equal(after('The first.\n', 'The second'), 'The first.\n\nThe second')
  assert.equal(after('', 'The second'), 'The second')
})

test('words sent after their composer had gone leave the kept draft, not what was typed meanwhile', () => {
  for (const then of ['', 'The second', 'The first.']) assert.equal(behind('The first.', after('The first.', then)), then)
  assert.equal(behind('The first.', 'Something else'), 'Something else')
  keepDraft(draftOf('t1'), { ...EMPTY_DRAFT, text: 'The first.' })
  wereSent(draftOf('t1'), { text: 'The first.' })
  assert.deepEqual(readDraft(draftOf('t1')), EMPTY_DRAFT)
  const heard: string[] = []
  const close = onSent(draftOf('t1'), ({ text }) => heard.push(text))
  wereSent(draftOf('t1'), { text: 'Once.' })
  close()
  wereSent(draftOf('t1'), { text: 'Twice.' })
  assert.deepEqual(heard, ['Once.'], 'a composer that is shown again hears of it')
})

test('a job that was started after its composer had gone takes what was chosen for it along', () => {
  const sent = { ...EMPTY_DRAFT, text: 'Sort them.', folders: [folder('/a')], mode: 'auto' as const, model: 'm', attached: ['a.pdf'] }
  assert.deepEqual(without(sent, sent), EMPTY_DRAFT)
  const next = { ...sent, text: 'Sort them.\n\nThen this.', folders: [folder('/b')], model: 'n', attached: ['a.pdf', 'b.pdf'] }
  assert.deepEqual(without(next, sent), { ...EMPTY_DRAFT, text: 'Then this.', folders: [folder('/b')], model: 'n', attached: ['b.pdf'] })
  const other = { ...sent, text: 'Another job.' }
  assert.deepEqual(without(other, sent), other, 'another job keeps all of its own')
  keepDraft(NEW_DRAFT, sent)
  wereSent(NEW_DRAFT, sent)
  assert.equal(stored.size, 0)
})

test('a start is known until it ends, also to who comes later', () => {
  const heard: boolean[] = []
  const stop = onStarting(() => heard.push(starting()))
  const end = begin()
  const other = begin()
  end()
  end()
  assert.equal(starting(), true)
  other()
  stop()
  begin()()
  assert.equal(starting(), false)
  assert.deepEqual(heard, [true, true, true, false])
})
