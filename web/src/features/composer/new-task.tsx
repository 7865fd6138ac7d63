// The composer of a new task: what should be done, with which files, where, how freely and by which model.
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { FolderRequest, Mode } from '@api'
import { useMedia, COARSE } from '@kit'
import { AttachButton, openFiles } from './attach-button'
import { AttachmentChips } from './attachment-chips'
import { ChosenRow } from './chosen-row'
import { DropTarget } from './drop-target'
import { Editor } from './editor'
import type { EditorHandle } from './editor'
import { EffortMenu } from './effort-menu'
import { Fault } from './fault'
import { FolderDialog } from './folder-dialog'
import { FolderMenu } from './folder-menu'
import { ModeMenu } from './mode-menu'
import { ModelMenu } from './model-menu'
import { MoreMenu } from './more-menu'
import { NeedsModel } from './needs-model'
import { newTaskCommands } from './commands'
import type { Opening } from './commands'
import { LostFiles, Note } from './notes'
import { SetupDialogs } from './setup-dialogs'
import { StartButton } from './start-button'
import { useNewTask } from './use-new-task'
import { modeLine, WORDS } from './words'

export interface NewTaskComposerProps {
  readonly onCreated: (id: string) => void
  readonly autoFocus?: boolean | undefined
  /** Grows when the field should have the focus again. */
  readonly asked?: number | undefined
}

export function NewTaskComposer({ onCreated, autoFocus = false, asked = 0 }: NewTaskComposerProps) {
  const task = useNewTask(onCreated)
  const { hold, files, offers, choice } = task
  const { draft, change } = hold
  const [opening, setOpening] = useState<Opening | undefined>(undefined)
  const editor = useRef<EditorHandle>(null)
  const input = useId()
  const coarse = useMedia(COARSE)
  const mode = draft.mode ?? offers.mode
  useEffect(() => {
    if (autoFocus && !coarse) editor.current?.focus()
  }, [autoFocus, coarse, asked])
  const setMode = useCallback((next: Mode) => change({ mode: next }), [change])
  const { folders } = draft
  const addFolder = useCallback(
    (folder: FolderRequest) => change({ folders: [...folders.filter((it) => it.path !== folder.path), folder] }),
    [change, folders],
  )
  const browse = useCallback(() => setOpening('folder'), [])
  const showModels = useCallback((open: boolean) => setOpening(open ? 'model' : undefined), [])
  const showEfforts = useCallback((open: boolean) => setOpening(open ? 'effort' : undefined), [])
  const efforts = choice.efforts.length > 0
  const { example } = task
  const commands = useMemo(
    () => newTaskCommands({ open: setOpening, attach: () => openFiles(input), mode: setMode, example, efforts }),
    [input, setMode, example, efforts],
  )
  return (
    <div className="flex flex-col gap-3">
      <div className="rounded-l border bg-panel shadow-float has-[textarea:focus-visible]:border-accent">
        <AttachmentChips attached={files.attached} onRemove={files.remove} />
        <Note text={files.problem} onClose={() => files.complain(undefined)} urgent />
        <LostFiles names={hold.lost} onClose={hold.forgetLost} />
        <Editor
          ref={editor}
          label={WORDS.job}
          placeholder={WORDS.jobPlaceholder}
          keys={WORDS.jobKeys}
          text={draft.text}
          onText={(text) => change({ text })}
          sending="modifier"
          onSend={task.start}
          commands={commands}
          onFiles={files.add}
          readOnly={task.busy}
          menu="below"
          className="min-h-20"
        />
        <ChosenRow draft={draft} onChange={change} />
        <div className="flex flex-wrap items-center gap-1 p-2">
          <AttachButton input={input} onFiles={files.add} />
          <FolderMenu more={folders.length > 0} onChoose={addFolder} onBrowse={browse} />
          <ModeMenu mode={mode} onMode={setMode} />
          <MoreMenu onOpen={setOpening} />
          <div className="flex flex-1 flex-wrap items-center justify-end gap-1 max-sm:basis-full">
            <ModelMenu providers={offers.providers} model={choice.model} onModel={choice.pickModel} open={opening === 'model'} onOpenChange={showModels} />
            <EffortMenu efforts={choice.efforts} effort={choice.effort} onEffort={choice.pickEffort} open={opening === 'effort'} onOpenChange={showEfforts} />
            <span className="flex-1 sm:hidden" />
            <StartButton label={WORDS.start} reason={task.reason} busy={task.busy} busyLabel={WORDS.starting} onStart={task.start} keys="Mod+Enter" />
          </div>
        </div>
      </div>
      <Fault failure={task.failure} at={['folders', 'attachments', 'model', 'message']} />
      {offers.known && choice.model === undefined && <NeedsModel onExample={task.example} />}
      <p className="text-center text-s text-soft">{modeLine(mode)}</p>
      <DropTarget files={files} />
      <FolderDialog open={opening === 'folder'} onOpenChange={(open) => setOpening(open ? 'folder' : undefined)} onChoose={addFolder} />
      <SetupDialogs opening={opening} onClose={() => setOpening(undefined)} draft={draft} settings={offers.settings} onChange={change} />
    </div>
  )
}
