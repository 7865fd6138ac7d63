// Every word of the first run.
import type { KeyPlace } from '@api'
import { counted } from '@lib/format'

export const WORDS = {
  title: 'Welcome to Deskhand',
  lead: 'Give it a job and a folder. It works on your own computer, with the model you choose, and hands you finished files.',
  ways: 'Ways to begin',
  example: 'Try the example',
  exampleSays: 'A weather report from four real data files. No account and no key: you watch it work, and look at what it made.',
  connect: 'Connect a model',
  connectSays: 'With a key for Anthropic or OpenAI, with Ollama or another server on this computer, or with any compatible one.',
  skip: 'Skip for now',
  skipSays: 'Both are there later too.',
  back: 'Back',
  promises: [
    'Works only in folders you choose',
    'Deleting always asks',
    'What it reads goes only to the model you choose',
  ],
} as const

export const STEP = {
  title: 'Connect a model',
  lead: 'Choose where the model comes from.',
  providers: 'Providers',
  loading: 'Looking for providers',
  failed: 'The providers could not be listed',
  again: 'Check again',
  other: 'Any compatible server',
  otherSays: 'Speaks OpenAI Chat Completions or Anthropic Messages',
  cloud: 'With a key',
  ready: 'Ready',
  found: 'Found',
  needsKey: 'Needs a key',
  notRunning: 'Not running',
  notReady: 'Not ready',
  asking: 'Checking',
  open: 'Type its address',
  use: 'Start with it',
  name: 'Name',
  nameHint: 'The first part of its models’ names, such as work.',
  dialect: 'It speaks',
  openai: 'OpenAI Chat Completions',
  anthropic: 'Anthropic Messages',
  address: 'Address',
  addressHint: 'Such as https://api.example.com/v1 or http://192.168.1.5:11434/v1',
  key: 'Key',
  keyOptional: 'Key, if the server wants one',
  show: 'Show the key',
  hide: 'Hide the key',
  test: 'Test',
  testing: 'Testing…',
  save: 'Save and continue',
  saveAnyway: 'Save anyway',
  works: 'It works',
  worksNot: 'It does not work yet',
  nameWrong: 'Use 1 to 40 letters, digits, -, _ or ., and not script.',
  nameTaken: 'There is a provider of that name. Choose another one.',
  addressWrong: 'Type an address that begins with http:// or https://.',
  keyMissing: 'Paste the key first.',
}

const KEY_PLACES: Readonly<Record<KeyPlace, string>> = {
  none: 'Keys cannot be kept on this computer.',
  environment: 'Keys come from environment variables.',
  keychain: 'The key is kept in the keychain of this computer and sent to this provider only.',
  encrypted_file: 'The key is kept in an encrypted file on this computer and sent to this provider only.',
}

/** Where the key will be kept. */
export function keyKept(place: KeyPlace): string {
  return KEY_PLACES[place]
}

/** What a provider that answered has. */
export function modelsFound(count: number): string {
  return counted(count, 'model')
}

/** The one next step for a local server that does not answer. */
export function startIt(title: string): string {
  return `Start ${title} on this computer, then check again.`
}

/** The title of the form; without a name it is for any server. */
export function setUp(name: string, title: string): string {
  return name === '' ? 'Connect a compatible server' : `Connect ${title}`
}

export function connected(title: string): string {
  return `${title} is connected.`
}
