// Customize without a screen: what is said of providers, limits and permissions, and what a typed provider means.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Effect, ProviderModels, ProviderState } from '../../src/api/types'
import {
  draftOf, requestOf, type Standing, standingOf, wrongAddress, wrongName,
} from '../../src/features/settings/provider-facts'
import { keptSize, quotaText, readQuota } from '../../src/features/settings/storage-text'
import { GROUPS, sectionNamed } from '../../src/features/settings/sections'
import { sentence } from '../../src/lib/format'
import { allowed, checkName, copied } from '../../src/features/settings/spoken'
import { words } from '../../src/features/settings/words'

const REMOTE: ProviderState = {
  name: 'openai', base_url: 'https://api.openai.com/v1', dialect: 'openai', key: 'keychain', local: false, origin: 'known',
}
const LOCAL: ProviderState = { ...REMOTE, name: 'ollama', base_url: 'http://127.0.0.1:11434/v1', key: 'none', local: true }

function asked(provider: ProviderState, unavailable: string | null): ProviderModels {
  const models = unavailable === null ? [{ name: `${provider.name}/a`, title: 'a', efforts: [] }] : []
  return { provider: provider.name, models, unavailable }
}

test('a provider stands as it answered, and says the one next step', () => {
  const rows: [ProviderState, ProviderModels | undefined, boolean, Standing, string][] = [
    [REMOTE, asked(REMOTE, null), false, 'ready', ''],
    [REMOTE, asked(REMOTE, 'the key was refused'), false, 'not_ready', words.providers.next.other],
    [REMOTE, undefined, true, 'checking', ''],
    [REMOTE, undefined, false, 'unknown', ''],
    [{ ...REMOTE, key: 'none', unavailable: 'OPENAI_API_KEY is not set' }, undefined, true, 'no_key', words.providers.next.keyOr('OPENAI_API_KEY')],
    [LOCAL, asked(LOCAL, null), false, 'found', ''],
    [LOCAL, asked(LOCAL, 'connection refused'), false, 'not_running', 'Start Ollama on this computer, then check again.'],
  ]
  for (const [provider, answer, asking, standing, next] of rows) {
    const line = standingOf(provider, answer, asking)
    assert.deepEqual([line.standing, line.next], [standing, next])
    assert.notEqual(line.word, '', 'a state is never an icon alone')
  }
})

test('names and addresses are checked before anything is sent', () => {
  const wrong = words.form.wrong
  assert.equal(wrongName('work.gpu-1_a', []), undefined)
  assert.equal(wrongName('', []), wrong.nameMissing)
  assert.equal(wrongName('a/b', []), wrong.nameLetters)
  assert.equal(wrongName('x'.repeat(41), []), wrong.nameLong)
  assert.equal(wrongName('script', []), wrong.nameScript)
  assert.equal(wrongName('openai', ['openai']), wrong.nameTaken)
  assert.equal(wrongAddress('http://127.0.0.1:8080/v1'), undefined)
  assert.equal(wrongAddress(' '), wrong.addressMissing)
  for (const address of ['ftp://x', 'api.example.com', 'https://', 'javascript:alert(1)', 'https:// x']) {
    assert.equal(wrongAddress(address), wrong.addressForm, address)
  }
})

test('a key is sent only when it was typed, and removed only when asked', () => {
  const draft = { ...draftOf(REMOTE), address: ' https://api.example.com/v1 ' }
  const plain = { dialect: 'openai', base_url: 'https://api.example.com/v1' }
  assert.deepEqual(requestOf(draft), plain)
  assert.deepEqual(requestOf({ ...draft, key: ' sk-1 ' }), { ...plain, key: 'sk-1' })
  assert.deepEqual(requestOf({ ...draft, forgetKey: true }), { ...plain, key: '' })
})

test('a standing permission is said in plain words for every effect', () => {
  const rows: [Effect, string][] = [
    [{ type: 'read_path', data: '/work' }, 'Read files'],
    [{ type: 'write_path', data: '/work' }, 'Make and change files'],
    [{ type: 'write_path', data: '/work/notes' }, 'Make and change files in notes'],
    [{ type: 'delete_path', data: '' }, 'Delete files'],
    [{ type: 'run', data: '' }, 'Run commands in the sandbox'],
    [{ type: 'run', data: 'make' }, 'Run make in the sandbox'],
    [{ type: 'connect', data: 'example.com' }, 'Connect to example.com'],
    [{ type: 'send', data: { connector: 'mail', tool: 'search' } }, 'Use search of the connector mail'],
    [{ type: 'browse', data: 'example.com' }, 'Act on the web site example.com'],
    [{ type: 'control', data: 'Calc' }, 'Control the application Calc'],
    [{ type: 'schedule', data: '' }, 'Make schedules'],
    [{ type: 'remember', data: '' }, 'Remember things beyond a task'],
  ]
  assert.deepEqual(rows.map(([effect]) => allowed(effect)), rows.map(([, said]) => said))
})

test('checks and next steps read well', () => {
  assert.equal(checkName('sandbox (namespace)'), 'Sandbox: namespaces')
  assert.equal(checkName('stronger sandbox (vm)'), 'A stronger sandbox: virtual machine')
  assert.equal(checkName('log of abcdefghij'), 'Log of task abcdefghij')
  assert.equal(checkName('something new'), 'something new')
  assert.equal(copied('run `sudo apt install bubblewrap`, then check again'), 'sudo apt install bubblewrap')
  assert.equal(copied('install it: apt install bubblewrap'), 'apt install bubblewrap')
  assert.equal(copied('set DESKHAND_HOME'), 'set DESKHAND_HOME')
  assert.equal(sentence('cannot write'), 'Cannot write')
})

test('what is kept for Undo and its limit are said and read in the same units', () => {
  assert.equal(words.storage.meter(keptSize(1_288_490_189), keptSize(10_240 * 1024 * 1024)), '1.2 GB of 10 GB kept for Undo')
  const sizes: [number, string][] = [[0, '0 bytes'], [1, '1 byte'], [1023, '1023 bytes'], [1024, '1 KB'], [1024 ** 2, '1 MB'], [1023.99 * 1024, '1 MB']]
  assert.deepEqual(sizes.map(([bytes]) => keptSize(bytes)), sizes.map(([, said]) => said))
  assert.deepEqual([quotaText(0), quotaText(10_240), quotaText(512), quotaText(100)], ['', '10', '0.5', '0.1'])
  for (const [typed, mib] of [['', 0], [' 10 ', 10_240], ['2,5', 2560], ['0.5', 512]] as const) {
    assert.deepEqual(readQuota(typed), { mib, wrong: undefined }, typed)
  }
  const { wrong } = words.storage
  for (const [typed, said] of [['ten', wrong.number], ['-1', wrong.number], ['1e3', wrong.number], ['0', wrong.small], ['9999999999', wrong.large]] as const) {
    assert.equal(readQuota(typed).wrong, said, typed)
  }
})

test('every section is in the list once and is found by its name', () => {
  const listed = GROUPS.flatMap((group) => group.entries.map((entry) => entry.id))
  assert.deepEqual([...listed].sort(), Object.keys(words.sections).sort())
  for (const id of listed) assert.equal(sectionNamed(id), id)
  assert.equal(sectionNamed('nowhere'), undefined)
})
