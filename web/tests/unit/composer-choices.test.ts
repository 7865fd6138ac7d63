// Choosing folders and models: paths as they are typed, keys in the folder browser, models as they are grouped.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '@api'
import type { ProviderModels } from '@api'
import { UnreadableFile } from '@features/composer/attachments'
import { crumbs, folderName, narrowed, stepFor, typedPath } from '@features/composer/browse'
import type { Standing } from '@features/composer/browse'
import { failureOf, placeOf } from '@features/composer/failing'
import {
  bareName, countModels, grouped, startingModel, typedModel, unavailableBecause,
} from '@features/composer/models'

const HOME = '/home/anna'
const PLACES = { home: 'Home', root: 'Computer' }

test('a path is known by how it begins; quotes, file addresses and ~ are understood', () => {
  assert.equal(typedPath('/srv/data/', HOME), '/srv/data')
  assert.equal(typedPath('  /srv//data ', HOME), '/srv/data')
  assert.equal(typedPath('"/srv/my data"', HOME), '/srv/my data')
  assert.equal(typedPath('file:///srv/my%20data', HOME), '/srv/my data')
  assert.equal(typedPath('file:///srv/100%', HOME), '/srv/100%')
  assert.equal(typedPath('~', HOME), HOME)
  assert.equal(typedPath('~/Reports', HOME), '/home/anna/Reports')
  assert.equal(typedPath('/', HOME), '/')
  assert.equal(typedPath('~/Reports', undefined), undefined)
  assert.equal(typedPath('Reports', HOME), undefined)
  assert.equal(typedPath('', HOME), undefined)
})

test('the way to a folder begins at home where it lies in it', () => {
  const names = (path: string) => crumbs(path, HOME, PLACES).map((it) => it.name)
  assert.deepEqual(names('/home/anna/Reports/2026'), ['Home', 'Reports', '2026'])
  assert.deepEqual(names('/home/annabel'), ['Computer', 'home', 'annabel'])
  assert.deepEqual(names('/'), ['Computer'])
  assert.deepEqual(crumbs('/home/anna/Reports', HOME, PLACES).map((it) => it.path), [HOME, '/home/anna/Reports'])
  assert.deepEqual(crumbs('/srv/data', undefined, PLACES).map((it) => it.path), ['/', '/srv', '/srv/data'])
  assert.equal(folderName(HOME, HOME, PLACES), 'Home')
  assert.equal(folderName('/srv/data', HOME, PLACES), 'data')
})

const entry = (name: string, grantable = true) => ({ name, path: `${HOME}/${name}`, grantable })
const ROWS = [entry('Documents'), entry('Old reports'), entry('Reports')]
const standing = (more: Partial<Standing> = {}): Standing => ({
  typed: '', home: HOME, at: -1, rows: ROWS, parent: '/home', usable: true, ...more,
})

test('letters filter, and names that begin with them come first', () => {
  assert.deepEqual(narrowed(ROWS, ' rep ').map((it) => it.name), ['Reports', 'Old reports'])
  assert.equal(narrowed(ROWS, '').length, 3)
  assert.equal(narrowed(ROWS, 'zzz').length, 0)
})

test('in the folder browser arrows mark, Enter opens, Backspace goes up', () => {
  assert.deepEqual(stepFor('ArrowDown', false, standing()), { type: 'mark', at: 0 })
  assert.deepEqual(stepFor('ArrowUp', false, standing({ at: 0 })), { type: 'mark', at: 2 })
  assert.deepEqual(stepFor('Enter', false, standing({ at: 2 })), { type: 'open', path: `${HOME}/Reports` })
  assert.equal(stepFor('Enter', false, standing()), undefined, 'nothing marked and nothing typed')
  assert.deepEqual(stepFor('Backspace', false, standing()), { type: 'open', path: '/home' })
  assert.equal(stepFor('Backspace', false, standing({ typed: 're' })), undefined, 'it deletes a letter')
  assert.equal(stepFor('Backspace', false, standing({ parent: undefined })), undefined)
  assert.equal(stepFor('r', false, standing()), undefined)
})

test('Enter opens a typed path before anything marked, and the first fit of a filter', () => {
  assert.deepEqual(stepFor('Enter', false, standing({ typed: '~/Reports', at: 0 })), { type: 'open', path: `${HOME}/Reports` })
  assert.deepEqual(stepFor('Enter', false, standing({ typed: 'doc' })), { type: 'open', path: `${HOME}/Documents` })
  assert.equal(stepFor('Enter', false, standing({ typed: 'zzz', rows: [] })), undefined)
})

test('Control or Command with Enter uses the open folder, where it may be used', () => {
  assert.deepEqual(stepFor('Enter', true, standing({ at: 1 })), { type: 'use' })
  assert.equal(stepFor('Enter', true, standing({ usable: false })), undefined)
})

const offer = (name: string, title = bareName(name), efforts: string[] = []) => ({ name, title, efforts })
const PROVIDERS: ProviderModels[] = [
  { provider: 'anthropic', models: [], unavailable: 'ANTHROPIC_API_KEY is not set' },
  { provider: 'ollama', models: [offer('ollama/small', 'Small 7B'), offer('ollama/large', 'Large 70B')] },
  { provider: 'script', models: [offer('script/weather')] },
]

test('models stand by provider, those that can be used first; Scripts stand nowhere', () => {
  assert.deepEqual(grouped(PROVIDERS, '').map((it) => it.provider), ['ollama', 'anthropic'])
  assert.deepEqual(grouped(PROVIDERS, 'LARGE oll').flatMap((it) => it.models.map((model) => model.name)), ['ollama/large'])
  assert.deepEqual(grouped(PROVIDERS, 'weather'), [])
  assert.equal(countModels(PROVIDERS), 2)
  assert.equal(unavailableBecause(PROVIDERS, 'anthropic/big'), 'ANTHROPIC_API_KEY is not set')
  assert.equal(unavailableBecause(PROVIDERS, 'ollama/small'), undefined)
})

test('a new task gets the picked model, else the last one, else the usual one, else the first on offer', () => {
  const world = { providers: PROVIDERS, usual: 'script/weather' }
  assert.equal(startingModel('ollama/large', 'ollama/small', world), 'ollama/large')
  assert.equal(startingModel(undefined, 'ollama/small', world), 'ollama/small')
  assert.equal(startingModel(undefined, 'gone/model', world), 'script/weather')
  assert.equal(startingModel(undefined, undefined, { ...world, usual: undefined }), 'ollama/small')
  assert.equal(startingModel(undefined, undefined, { providers: PROVIDERS.slice(0, 1), usual: undefined }), undefined)
  assert.equal(startingModel(undefined, 'gone/model', { providers: [], usual: undefined }), 'gone/model', 'not known yet')
})

test('a model no list names can be typed, with a provider that can be used', () => {
  assert.equal(typedModel(PROVIDERS, ' ollama/hf.co/new:7b '), 'ollama/hf.co/new:7b')
  assert.equal(typedModel(PROVIDERS, 'anthropic/big'), undefined)
  assert.equal(typedModel(PROVIDERS, 'script/x'), undefined)
  assert.equal(typedModel(PROVIDERS, 'small'), undefined)
})

test('an error stands beside what caused it', () => {
  assert.equal(placeOf(new ApiError('folder_refused', 'no')), 'folders')
  assert.equal(placeOf(new ApiError('model', 'no')), 'model')
  assert.equal(placeOf(new ApiError('too_large', 'no')), 'attachments')
  assert.equal(placeOf(new ApiError('offline', 'no')), 'message')
  const unreadable = failureOf(new UnreadableFile('a.csv'))
  assert.equal(unreadable.message, 'cannot read `a.csv`')
  assert.equal(placeOf(unreadable), 'attachments')
})
