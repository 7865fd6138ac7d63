// The first run: how providers stand as tiles, and what may be typed for one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProviderModels, ProviderState } from '@api'
import { OTHER, requestOf, tilesOf, typedFor, wrongIn } from '@features/welcome/tiles'

const provider = (name: string, more: Partial<ProviderState> = {}): ProviderState => ({
  name, dialect: 'openai', base_url: `https://${name}.test/v1`, origin: 'known', local: false, key: 'none', unavailable: null, ...more,
})
const model = (name: string) => ({ name, title: name, efforts: [] })
const PROVIDERS = [
  provider('llama.cpp', { local: true }),
  provider('ollama', { local: true }),
  provider('anthropic', { unavailable: 'ANTHROPIC_API_KEY is not set', dialect: 'anthropic' }),
  provider('openai', { unavailable: 'OPENAI_API_KEY is not set' }),
  provider('script'),
]
const ASKED: ProviderModels[] = [
  { provider: 'ollama', models: [model('ollama/a'), model('ollama/b')] },
  { provider: 'llama.cpp', models: [], unavailable: 'cannot reach http://127.0.0.1:8080' },
  { provider: 'openai', models: [], unavailable: 'OPENAI_API_KEY is not set' },
]

test('what works stands first, then the known services, then the rest, and any other last', () => {
  const tiles = tilesOf(PROVIDERS, ASKED)
  assert.deepEqual(
    tiles.map((it) => [it.title, it.standing, it.detail]),
    [
      ['Ollama', 'found', '2 models'],
      ['Anthropic', 'needs_key', ''],
      ['OpenAI', 'needs_key', ''],
      ['llama.cpp', 'not_running', 'cannot reach http://127.0.0.1:8080'],
      [OTHER.title, 'open', OTHER.detail],
    ],
  )
})

test('before the answer a local server is being looked for, and a missing key is known', () => {
  const tiles = tilesOf(PROVIDERS, undefined)
  assert.deepEqual(tiles.map((it) => it.standing), ['needs_key', 'needs_key', 'asking', 'asking', 'open'])
})

test('a service with a key that answers is ready; one that does not is not', () => {
  const keyed = [provider('openai', { key: 'keychain' }), provider('work', { key: 'environment', origin: 'settings' })]
  const asked = [{ provider: 'openai', models: [model('openai/a')] }, { provider: 'work', models: [], unavailable: 'the key is refused' }]
  assert.deepEqual(tilesOf(keyed, asked).map((it) => [it.name, it.standing, it.detail]).slice(0, 2), [
    ['openai', 'ready', '1 model'],
    ['work', 'not_ready', 'the key is refused'],
  ])
})

test('a key is wanted where there is none; a name and an address must be usable', () => {
  const [anthropic] = tilesOf([provider('anthropic', { unavailable: 'no key' })], [])
  assert.ok(anthropic)
  assert.deepEqual(Object.keys(wrongIn(typedFor(anthropic), anthropic, ['anthropic'])), ['key'])
  assert.deepEqual(wrongIn({ ...typedFor(anthropic), key: ' k ' }, anthropic, ['anthropic']), {})
  const other = (name: string, address: string) => Object.keys(wrongIn({ name, address, dialect: 'openai', key: '' }, OTHER, ['openai']))
  assert.deepEqual(other('work', 'http://10.0.0.5:11434/v1'), [])
  assert.deepEqual(other('openai', 'https://a.test'), ['name'])
  assert.deepEqual(other('script', 'https://a.test'), ['name'])
  assert.deepEqual(other('my work', 'ftp://a.test'), ['name', 'address'])
  assert.deepEqual(other('', ''), ['name', 'address'])
})

test('no key typed keeps the stored one', () => {
  const typed = { name: 'work', dialect: 'openai' as const, address: ' https://a.test/v1 ', key: '' }
  assert.deepEqual(requestOf(typed), { dialect: 'openai', base_url: 'https://a.test/v1' })
  assert.deepEqual(requestOf({ ...typed, key: ' secret ' }), { dialect: 'openai', base_url: 'https://a.test/v1', key: 'secret' })
})
