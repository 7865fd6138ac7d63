// Every word a reader meets in a conversation and in the bar above it.
import type { Mode, Scope, Tier } from '@api'
import { bytes, counted, duration, tokens } from '@lib/format'

export const words = {
  region: 'Conversation',
  you: 'You',
  deskhand: 'Deskhand',
  gone: { title: 'This task cannot be shown', home: 'Start a new task' },
  retry: 'Try again',
  empty: 'Nothing was said yet. Write what you need below.',
  working: 'Working',
  jump: 'Jump to the latest',
  jumpNew: (count: number) => `${counted(count, 'new thing', 'new things')} below`,
  showAll: (count: number) => `Show all ${count}`,
  showWhole: (size: number) => `Show all (${bytes(size)})`,
  showLess: 'Show less',
  couldNot: (what: string) => `Could not ${what}`,

  prompt: {
    waiting: 'Will be read at the next step',
    copy: 'Copy message',
    attached: (name: string, size: number) => `${name}, ${bytes(size)}`,
    more: 'Show the whole message',
  },
  text: { thinking: 'Thinking', copy: 'Copy answer' },
  copied: 'Copied',
  notCopied: 'The browser did not allow copying',

  calls: {
    label: 'What was done',
    preparing: 'Preparing the next steps',
    input: 'Input',
    output: 'Output',
    live: 'Output so far',
    effects: 'Effects',
    changes: 'Changed files',
    diff: 'Change',
    noOutput: 'No output',
    picture: 'Picture',
    largePart: 'The whole text is in the task’s log.',
    states: {
      planned: 'next', waiting: 'waits for you', running: 'running', ok: 'done', failed: 'failed', denied: 'denied',
      stopped: 'stopped', timed_out: 'ran out of time', unknown: 'outcome unknown',
    },
    kinds: { made: 'made', changed: 'changed', deleted: 'deleted' },
  },

  approval: {
    label: 'Approval',
    wants: (reason: string) => `Deskhand wants to ${reason}.`,
    reasonFolder: (reason: string) => `Deskhand asks you to ${reason}.`,
    allow: (scope: Scope) => ALLOW[scope],
    deny: 'Deny',
    note: 'What should happen instead?',
    noteHint: 'Optional; Deskhand reads it.',
    denyNow: 'Deny',
    keep: 'Back',
    files: (count: number) => counted(count, 'file'),
    more: (count: number) => `and ${count} more`,
    deletionLasts: 'The command waits. What it deletes can be brought back with Undo.',
    hiddenMarks: 'Marked characters are invisible or change the direction of text; they are written out here.',
    exact: 'The exact call',
    scrolls: (lines: number) => (lines > 1 ? `${lines} lines in all. Scroll in the box to read to the end.` : 'Scroll in the box to read to the end.'),
    effects: 'What it does',
    allowed: (scope: Scope) => ALLOWED[scope],
    denied: 'You denied',
    moot: 'No longer needed',
    announce: (title: string) => `Deskhand needs you: ${title}`,
    shortcuts: (allow: string, deny: string) => `${allow} allows once, ${deny} denies`,
    shortcutDelete: (allow: string, deny: string) => `${allow} goes to the button, ${deny} denies`,
    failed: 'answer',
  },

  question: {
    label: 'Question',
    of: (index: number, count: number) => `${index} of ${count}`,
    other: 'Other',
    otherDescription: 'In your own words',
    otherLabel: 'Your answer',
    several: 'Choose one or more',
    answer: 'Answer',
    answered: 'You answered',
    moot: 'No longer needed',
    none: 'No answer',
    announce: (text: string) => `Deskhand asks: ${text}`,
    failed: 'send the answer',
  },

  outputs: {
    label: 'Files for you',
    preview: 'Preview',
    previewOf: (name: string) => `Preview ${name}`,
    download: 'Download',
    downloadOf: (name: string) => `Download ${name}`,
    reveal: 'Show in folder',
    revealOf: (name: string) => `Show in folder: ${name}`,
    failed: 'show the folder',
  },

  notice: {
    pausedBy: { user: 'You paused', model: 'Paused: the model cannot go on', limit: 'Paused at a limit' },
    resume: 'Resume',
    resumed: 'Resumed',
    retrying: (seconds: number, attempt: number) => `Trying again in ${seconds} s (try ${attempt})`,
    retried: (attempt: number) => `Tried again (try ${attempt})`,
    cut: 'The reply was cut off and asked for again',
    withdrawn: (tool: string) => `${tool} cannot be used in this task`,
    undone: (count: number) => (count === 0 ? 'Nothing had to be put back' : `Undo put ${counted(count, 'file')} back`),
    redo: 'Undo this…',
    stopped: 'You stopped this turn',
    failed: 'This turn failed',
    goOn: 'Try again',
    goOnSays: 'Go on.',
    compacted: 'The conversation was shortened for the model; everything is kept here',
    mended: (count: number) => `The end of the log was torn and ${bytes(count)} of it were cut; nothing else is lost`,
    folder_added: (about: string) => `Folder added: ${about}`,
    folder_removed: (about: string) => `Folder taken back: ${about}`,
    mode: (about: string) => `Mode: ${modeName(about)}`,
    model: (about: string) => `Model: ${about}`,
    effort: (about: string) => `Effort: ${about === '' ? 'as the provider chooses' : about}`,
    limits: (about: string) => (about === '' ? 'Limits changed' : `Limits: ${about}`),
    instructions: 'Instructions changed',
    pinned: (about: string) => `Pinned ${about}`,
    unpinned: (about: string) => `Unpinned ${about}`,
    granted: (about: string) => (about === '' ? 'Permission stored' : `Permission stored: ${about}`),
    revoked: (about: string) => (about === '' ? 'Permission taken back' : `Permission taken back: ${about}`),
    resumeFailed: 'resume',
    sayFailed: 'try again',
  },

  turn: {
    took: (ms: number) => duration(ms),
    tokens: (count: number) => `${tokens(count)} tokens`,
    undo: 'Undo this turn…',
    changed: (count: number) => `${counted(count, 'file')} changed`,
  },

  header: {
    rename: 'Rename',
    renameHint: 'Click to rename',
    title: 'Title of the task',
    noFolder: 'No folder',
    readOnly: 'read only',
    mode: (name: string) => `Mode: ${name}`,
    tier: (tier: Tier) => TIERS[tier],
    readOnlyFolders: 'commands only read folders',
    cannotChange: 'Commands cannot change files in the folders here. Customize › Readiness says what is missing.',
    pause: 'Pause',
    resume: 'Resume',
    stop: 'Stop',
    find: 'Find in this task',
    menu: 'More for this task',
    export: 'Export as an archive',
    details: 'Show details',
    sidebar: 'Show the list of tasks',
    failed: { rename: 'rename the task', mode: 'change the mode', pause: 'pause', resume: 'resume', stop: 'stop' },
  },

  find: {
    label: 'Find in this task',
    placeholder: 'Find in this task',
    next: 'Next hit',
    previous: 'Previous hit',
    close: 'Close Find',
    none: 'No hits',
    of: (index: number, count: number) => `${index} of ${count}`,
    tooMany: (count: number) => `${count}+`,
  },

  finished: (text: string) => (text === '' ? 'Deskhand is done' : `Deskhand is done: ${text}`),
  failedAloud: (message: string) => `The task failed: ${message}`,
  pausedAloud: (message: string) => `Paused: ${message}`,
} as const

const ALLOW: Readonly<Record<Scope, string>> = {
  once: 'Allow once',
  task: 'Allow for this task',
  folder: 'Allow in this folder',
  always: 'Always allow',
}

const ALLOWED: Readonly<Record<Scope, string>> = {
  once: 'You allowed once',
  task: 'Allowed for this task',
  folder: 'You allowed it in this folder',
  always: 'You always allow it',
}

const TIERS: Readonly<Record<Tier, string>> = {
  vm: 'Virtual machine',
  namespace: 'Namespace sandbox',
}

/** The modes, each with one honest sentence. */
export const MODES: readonly { readonly mode: Mode; readonly name: string; readonly says: string }[] = [
  { mode: 'ask', name: 'Ask', says: 'Asks before it changes your files or runs a command.' },
  { mode: 'auto', name: 'Auto', says: 'Works by itself and asks before anything leaves this computer or is deleted.' },
  { mode: 'skip', name: 'Skip', says: 'Asks only before deleting. Everything else happens at once.' },
]

/** The name of a mode. */
export function modeName(mode: string): string {
  return MODES.find((each) => each.mode === mode)?.name ?? mode
}
