// Everything Undo says.
import { counted } from '@lib/format'
import type { Kind, Scope } from './plan'

export const words = {
  title: 'Undo changes to your files',
  redoTitle: 'Redo the last undo',
  intro: 'This is what will happen. Nothing is changed before you say so, and an undo can be redone.',
  redoIntro: 'This is what will happen: the files become again what they were before the last undo.',
  scope: 'What to undo',
  scopeLabel: { file: 'This file', turn: 'This turn', task: 'The whole task' } satisfies Record<Scope, string>,
  scopeAbout: {
    file: (path: string) => path,
    turn: (turn: number, files: number) => (files > 0 ? `Turn ${turn}, ${counted(files, 'file')}` : `Turn ${turn}`),
    task: () => 'Every change in its list of changed files',
  },
  group: {
    restored: (count: number) => `${counted(count, 'file')} put back as before`,
    removed: (count: number) => `${counted(count, 'file')} made by the task removed`,
    folders: (count: number) => counted(count, 'folder'),
    left: (count: number) => `${counted(count, 'file')} left alone`,
  } satisfies Record<Kind, (count: number) => string>,
  leftWhy: 'These are not as the task left them, so they stay as they are.',
  all: (count: number) => `Show all ${count}`,
  loading: 'Looking at what would change',
  nothing: 'Nothing to undo',
  nothingAbout: 'Everything it can put back is as it was. What commands did to files is not part of it.',
  nothingRedo: 'Nothing to redo',
  nothingRedoAbout: 'There was no undo, or the files changed since.',
  onlyConflicts: 'Nothing can be undone here, because the files changed since.',
  running: 'The task is at work',
  runningAbout: 'Files can be put back when it has stopped.',
  stop: 'Stop the task',
  cancel: 'Cancel',
  undo: (count: number) => (count === 0 ? 'Undo' : `Undo ${counted(count, 'change')}`),
  redo: (count: number) => (count === 0 ? 'Redo' : `Redo ${counted(count, 'change')}`),
  working: 'Putting files back',
  late: 'The undo was asked for, but no file has changed yet. The conversation shows when it does.',
  undone: (count: number) => `${counted(count, 'file')} put back`,
  redone: (count: number) => `${counted(count, 'file')} changed again`,
  redoAction: 'Redo',
} as const
