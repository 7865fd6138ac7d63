// The task's details beside the conversation. Everything comes from the view, so reopening a task shows it as it was.
import { useView, type TaskStore } from '@stream'
import { ContextSection } from './context'
import { FilesSection } from './files'
import { InstructionsSection } from './instructions'
import { NetworkSection } from './network'
import { ProgressSection } from './progress'
import { ScratchpadSection } from './scratchpad'
import { UsageSection } from './usage'
import type { UndoSelection } from '@api'

export interface RailProps {
  store: TaskStore
  onPreview: (path: string) => void
  onUndo: (selection: UndoSelection) => void
}

export function Rail({ store, onPreview, onUndo }: RailProps) {
  const progress = useView(store, (view) => view.progress)
  const instructions = useView(store, (view) => view.instructions)
  const scratchpad = useView(store, (view) => view.scratchpad)
  return (
    <div className="flex flex-col gap-6 p-5 text-s">
      <ProgressSection progress={progress} />
      <FilesSection store={store} onPreview={onPreview} onUndo={onUndo} />
      <InstructionsSection task={store.id} text={instructions} />
      <ScratchpadSection text={scratchpad} onPreview={onPreview} />
      <ContextSection store={store} />
      <NetworkSection store={store} />
      <UsageSection store={store} />
    </div>
  )
}
