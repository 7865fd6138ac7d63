// The box under a task's conversation: a message at any time, Stop, Pause and Resume, and what it runs with.
import { useCallback, useId, useMemo, useState } from 'react'
import { exportAddress } from '@api'
import type { FolderRequest, Mode } from '@api'
import { COARSE, useMedia } from '@kit'
import { saveFrom } from '@lib/save'
import { useFailure, useView } from '@stream'
import type { TaskStore } from '@stream'
import { AttachButton, openFiles } from './attach-button'
import { AttachmentChips } from './attachment-chips'
import { steerCommands } from './commands'
import type { Opening } from './commands'
import { DropTarget } from './drop-target'
import { Editor } from './editor'
import { Fault } from './fault'
import { FolderDialog } from './folder-dialog'
import { LostFiles, Note } from './notes'
import { RunButtons } from './run-buttons'
import { StartButton } from './start-button'
import { SteerDialogs } from './steer-dialogs'
import { SteerLine } from './steer-line'
import { SteerSetup } from './steer-setup'
import { useOffers } from './use-offers'
import { useSteer } from './use-steer'
import { offerOf } from './models'
import { placeholderOf, STEER } from './words'

export interface SteerBoxProps {
  readonly task: string
  readonly store: TaskStore
  /** Opens the preview of an Undo; without it there is no such command. */
  readonly onUndo?: (() => void) | undefined
  /** Opens Find in task; without it there is no such command. */
  readonly onFind?: (() => void) | undefined
  /** Shows the card that waits for the user; without it the box only says so. */
  readonly onShow?: (() => void) | undefined
}

export function SteerBox(props: SteerBoxProps) {
  // What is typed belongs to one task.
  return <Box key={props.task} {...props} />
}

function Box({ task, store, onUndo, onFind, onShow }: SteerBoxProps) {
  const steer = useSteer(task)
  const { hold, files, wish } = steer
  const state = useView(store, (view) => view.state)
  const model = useView(store, (view) => view.model)
  const gone = useFailure(store)?.reason === 'gone'
  const offers = useOffers()
  const coarse = useMedia(COARSE)
  const [opening, setOpening] = useState<Opening | undefined>(undefined)
  const input = useId()
  const efforts = offerOf(offers.providers, model)?.efforts.length ?? 0
  const commands = useMemo(
    () =>
      steerCommands(state, {
        open: setOpening,
        attach: () => openFiles(input),
        mode: (mode: Mode) => wish({ type: 'set_mode', data: { mode } }),
        efforts: efforts > 0,
        stop: () => wish({ type: 'stop' }),
        pause: () => wish({ type: 'pause' }),
        resume: () => wish({ type: 'resume' }),
        save: () => saveFrom(exportAddress(task)),
        undo: onUndo,
        find: onFind,
      }),
    [state, input, wish, efforts, task, onUndo, onFind],
  )
  const close = useCallback(() => setOpening(undefined), [])
  const addFolder = ({ path, access }: FolderRequest) => wish({ type: 'add_folder', data: { name: '', path, access } }, STEER.newFolder)
  return (
    <section aria-label={STEER.box} className="mx-auto flex w-full max-w-204 shrink-0 flex-col gap-2 px-3 pt-1 pb-safe md:px-6 md:pb-5">
      <Fault failure={steer.failure} at={['attachments', 'folders', 'model', 'message']} />
      <SteerLine store={store} gone={gone} onShow={onShow} />
      <div className="rounded-l border bg-panel shadow-float has-[textarea:focus-visible]:border-accent">
        <AttachmentChips attached={files.attached} onRemove={files.remove} />
        <Note text={files.problem} onClose={() => files.complain(undefined)} urgent />
        <LostFiles names={hold.lost} onClose={hold.forgetLost} />
        <Editor
          label={STEER.message}
          placeholder={placeholderOf(state)}
          keys={coarse ? STEER.touchKeys : STEER.keys}
          text={hold.draft.text}
          onText={(text) => hold.change({ text })}
          sending={coarse ? 'modifier' : 'enter'}
          onSend={steer.sendMessage}
          commands={commands}
          onFiles={files.add}
          disabled={gone}
          menu="above"
        />
        <div className="flex flex-wrap items-center gap-1 p-2">
          <AttachButton input={input} small onFiles={files.add} disabled={gone} />
          <SteerSetup store={store} offers={offers} wish={wish} opening={opening} onOpening={setOpening} disabled={gone} />
          <span className="flex-1" />
          <RunButtons state={state} wish={wish} />
          <StartButton
            label={STEER.send}
            reason={gone ? STEER.gone : steer.reason}
            busy={steer.busy}
            busyLabel={STEER.send}
            onStart={steer.sendMessage}
            compact
            keys={coarse ? 'Mod+Enter' : 'Enter'}
          />
        </div>
      </div>
      <DropTarget files={files} />
      <FolderDialog open={opening === 'folder'} onOpenChange={(open) => setOpening(open ? 'folder' : undefined)} onChoose={addFolder} />
      <SteerDialogs store={store} opening={opening} wish={wish} onClose={close} />
    </section>
  )
}
