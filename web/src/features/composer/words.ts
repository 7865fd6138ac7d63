// Every word of the composer: new tasks, and what is said to a running one.
import { bytes, counted } from '@lib/format'
import type { Mode, TaskState } from '@api'

export const DELETING = 'Deleting always asks.'

export const MODES: Readonly<Record<Mode, { readonly name: string; readonly says: string }>> = {
  ask: { name: 'Ask', says: 'Deskhand asks before it changes your files, runs commands or reaches out.' },
  auto: { name: 'Auto', says: 'Deskhand works by itself and asks before anything leaves this computer.' },
  skip: { name: 'Skip', says: 'Deskhand does not ask: it changes, runs and sends by itself.' },
}

/** The line under the box: what the chosen mode means. */
export function modeLine(mode: Mode): string {
  return `${MODES[mode].name}: ${MODES[mode].says} ${DELETING}`
}

export const WORDS = {
  job: 'Job',
  jobPlaceholder: 'Describe the job, the files it is about and what you want to hold at the end.',
  jobKeys: 'Enter starts a new line. Control or Command with Enter starts the task. A slash opens the commands.',
  start: 'Start',
  starting: 'Starting…',
  empty: 'Describe the job first.',
  noModel: 'Choose a model first.',
  reading: 'The files are being read.',
  attach: 'Attach',
  attachLabel: 'Attach files',
  attachments: 'Attached files',
  drop: 'Drop to attach',
  dropHint: 'The files are copied into the task. To work on a whole folder, choose Work in a folder.',
  folderDropped: 'Folders cannot be attached. Choose Work in a folder instead.',
  chosen: 'Chosen for this task',
  more: 'More',
  moreLabel: 'Limits and instructions',
  mode: 'Mode',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  retry: 'Try again',
}

/** For an attached file: its name and size. */
export function attachedLabel(name: string, size: number): string {
  return `${name}, ${bytes(size)}`
}

export function removeFile(name: string): string {
  return `Do not attach ${name}`
}

/** Why files were not attached. */
export function doNotFit(names: readonly string[], most: number): string {
  const which = names.length === 1 ? `“${names[0] ?? ''}” does not fit` : `${counted(names.length, 'file')} do not fit`
  return `${which}: attachments may have ${bytes(most)} together. Put large files into a folder and work in that folder.`
}

export function cannotRead(name: string): string {
  return `cannot read \`${name}\``
}

export const CANNOT_READ_HINT = 'Attach it again: it may have been moved or changed.'

/** After a reload: the browser keeps the words, not the files. */
export function attachAgain(names: readonly string[]): string {
  return names.length === 1
    ? `“${names[0] ?? ''}” was attached before this page was loaded again. Attach it once more if it is still needed.`
    : `${names.length} files were attached before this page was loaded again. Attach them once more if they are still needed.`
}

export const FOLDER = {
  pick: 'Work in a folder',
  add: 'Add a folder',
  recent: 'Recent folders',
  browse: 'Choose a folder…',
  title: 'Work in a folder',
  description: 'Deskhand sees this folder and what is in it, and nothing else.',
  find: 'Type to filter, or paste a path',
  findLabel: 'Filter or path',
  list: 'Folders here',
  up: 'Up to the folder above',
  places: 'Where you are',
  empty: 'There is no folder in here.',
  more: 'There are more folders than are shown. Type the path of the one you want.',
  leads: 'only leads to others',
  readOnly: 'Read only',
  readOnlyHint: 'Files in it are read and never changed.',
  refused: 'This folder itself cannot be used.',
  loading: 'Looking into the folder',
  remove: 'Do not work in this folder',
}

export const PLACES = { home: 'Home', root: 'Computer' }

/** How the keys work in the folder browser. */
export function folderKeys(use: string): string {
  return `Arrow keys choose, Enter opens, Backspace goes up, ${use} uses the open folder.`
}

export function takeFolder(name: string): string {
  return `Use ${name}`
}

/** The folder as a chip says it. */
export function folderLabel(name: string, readOnly: boolean): string {
  return readOnly ? `${name}, read only` : `${name}, read and write`
}

export function nothingCalled(filter: string): string {
  return `No folder here has “${filter}” in its name.`
}

export const MODEL = {
  label: 'Model',
  none: 'Choose a model',
  script: 'Script',
  search: 'Find a model',
  list: 'Models',
  loading: 'Asking the providers',
  nothing: 'No model is called that.',
  byName: 'Use this name',
  unavailable: 'Not available',
  connect: 'Set up providers',
  noProvider: 'No model can be used yet.',
  noProviderHint: 'Connect a provider, or try the example: it needs none.',
  or: 'or',
  example: 'try the example',
  effort: 'Effort',
  effortUsual: 'Usual',
  effortUsualHint: 'The provider decides.',
}

/** The model button for people who hear it. */
export function modelLabel(model: string): string {
  return `Model: ${model}`
}

export function effortLabel(effort: string): string {
  return `Effort: ${effort}`
}

/** `medium` → `Medium`. */
export function effortName(effort: string): string {
  return effort.charAt(0).toUpperCase() + effort.slice(1)
}

export const LIMITS = {
  item: 'Limits…',
  title: 'Limits',
  description: 'Deskhand pauses when it reaches one. Nothing is lost, and you can let it go on.',
  minutes: 'Minutes of work',
  minutesHint: 'For each message. Waiting for you does not count.',
  tokens: 'Tokens',
  tokensHint: 'Read and written, over the whole task.',
  replies: 'Model replies',
  repliesHint: 'For each message.',
  none: 'No limit',
  chip: 'Own limits',
  usual: 'Use the usual limits',
}

export const INSTRUCTIONS = {
  item: 'Instructions…',
  title: 'Instructions',
  description: 'They hold for the whole task, beside what you say in it.',
  label: 'Instructions for this task',
  placeholder: 'Amounts in euro. Write in British English. Never rename the originals.',
  chip: 'Own instructions',
  usual: 'Use the usual instructions',
}

export const STEER = {
  message: 'Message',
  send: 'Send',
  stop: 'Stop',
  pause: 'Pause',
  resume: 'Resume',
  keys: 'Enter sends. Shift with Enter starts a new line. A slash opens the commands.',
  touchKeys: 'Enter starts a new line. A slash opens the commands.',
  emptyMessage: 'Write a message first.',
  placeholderWorking: 'Add or correct something while it works…',
  placeholderDone: 'Reply, correct or add something…',
  placeholderPaused: 'Say what to do differently…',
  placeholderWaiting: 'Or say something else…',
  working: 'Deskhand reads this at its next step.',
  paused: 'A message lets it go on too.',
  pausedWhy: 'Paused',
  show: 'Show',
  gone: 'This task is gone. Nothing can be said in it.',
  box: 'Message box',
  newLimits: 'The limits are changed.',
  newInstructions: 'The instructions are changed.',
  newFolder: 'The task may work in one more folder.',
}

/** What an empty message box says. */
export function placeholderOf(state: TaskState): string {
  switch (state) {
    case 'new':
    case 'working':
      return STEER.placeholderWorking
    case 'needs_you':
      return STEER.placeholderWaiting
    case 'paused':
      return STEER.placeholderPaused
    case 'done':
    case 'stopped':
    case 'failed':
      return STEER.placeholderDone
  }
}

/** What waits for the user. */
export function waits(approvals: number, questions: number): string {
  const parts: string[] = []
  if (approvals > 0) parts.push(counted(approvals, 'approval'))
  if (questions > 0) parts.push(counted(questions, 'question'))
  return `${parts.join(' and ')} ${approvals + questions === 1 ? 'waits' : 'wait'} for you.`
}

export const SLASH = {
  list: 'Commands',
  attach: 'Attach files',
  folder: 'Work in a folder',
  addFolder: 'Let this task work in one more folder',
  model: 'Choose the model',
  effort: 'Choose how hard the model tries',
  example: 'Make a weather report from four real data files',
  limits: 'Say where it stops by itself',
  instructions: 'Say what holds for the whole task',
  stop: 'End the work at once',
  pause: 'Start nothing new until you resume',
  resume: 'Let it go on',
  undo: 'Put files back as they were',
  find: 'Find words in this task',
  export: 'Save the whole task as one file',
}

/** A task was not started, and its composer is not there to say so. */
export function notStarted(message: string, hint: string | undefined): string {
  return `The task was not started: ${message}${hint === undefined ? '' : `. ${hint}`}`
}
