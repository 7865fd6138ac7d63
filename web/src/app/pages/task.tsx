// One task: header, conversation and message box in the middle, its details or a preview beside them.
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useState } from 'react'
import type { UndoSelection } from '@api'
import { SteerBox } from '@features/composer/steer'
import { openFind } from '@features/conversation/find-session'
import { Conversation } from '@features/conversation/conversation'
import { showWaiting } from '@features/conversation/show-waiting'
import { TaskHeader } from '@features/conversation/task-header'
import { Rail } from '@features/rail/rail'
import { UndoDialog } from '@features/undo/undo-dialog'
import { Boundary, Drawer, Skeleton, Unfetched, useMedia, WIDE } from '@kit'
import { useTask, useView, type TaskStore } from '@stream'
import { SidePanel } from '../side-panel'
import { useShell } from '../shell-context'
import { usePageTitle } from '../title'
import { words } from '../words'

const Preview = lazy(() => import('@features/preview/preview').then((module) => ({ default: module.Preview })))

export function TaskPage() {
  const { task } = useParams({ from: '/tasks/$task' })
  return <OpenTask key={task} task={task} />
}

interface BesideProps {
  task: string
  store: TaskStore
  wide: boolean
  preview: string | undefined
  onPreview: (path: string | undefined) => void
  onUndo: (selection: UndoSelection) => void
  drawer: boolean
  onDrawer: (open: boolean) => void
}

/** What stands beside the conversation: columns where there is room, drawers where there is not. */
function Beside({ task, store, wide, preview, onPreview, onUndo, drawer, onDrawer }: BesideProps) {
  const { railOpen } = useShell()
  const rail = <Rail store={store} onPreview={onPreview} onUndo={onUndo} />
  const shown = preview !== undefined && (
    <Boundary key={preview} fallback={<div className="p-4"><Unfetched onClose={() => onPreview(undefined)} /></div>}>
      <Suspense fallback={<Skeleton lines={8} className="p-6" />}>
        <Preview task={task} path={preview} onClose={() => onPreview(undefined)} />
      </Suspense>
    </Boundary>
  )
  if (wide && preview !== undefined) return <SidePanel label={words.task.preview}>{shown}</SidePanel>
  if (wide && railOpen) {
    return (
      <aside aria-label={words.task.details} className="w-78 shrink-0 overflow-y-auto border-l border-line">
        {rail}
      </aside>
    )
  }
  return (
    <>
      <Drawer open={drawer && !wide && preview === undefined} onOpenChange={onDrawer} side="right" title={words.task.details}>
        {rail}
      </Drawer>
      <Drawer open={!wide && preview !== undefined} onOpenChange={() => onPreview(undefined)} side="right" title={words.task.preview} wide bare>
        {shown}
      </Drawer>
    </>
  )
}

function OpenTask({ task }: { task: string }) {
  const store = useTask(task)
  const wide = useMedia(WIDE)
  const { openSidebar, railOpen, setRailOpen } = useShell()
  const [preview, setPreview] = useState<string>()
  const [undo, setUndo] = useState<UndoSelection>()
  const [drawer, setDrawer] = useState(false)
  const title = useView(store, (view) => view.title)
  usePageTitle(title === '' ? words.task.title : title)
  const openRail = useCallback(() => {
    if (wide) {
      setPreview(undefined)
      setRailOpen(preview !== undefined || !railOpen)
    } else setDrawer(true)
  }, [preview, railOpen, setRailOpen, wide])
  return (
    <div className="flex min-w-0 flex-1">
      <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
        <TaskHeader store={store} onOpenRail={openRail} onOpenSidebar={openSidebar} />
        <Conversation store={store} onPreview={setPreview} onUndo={setUndo} />
        <SteerBox task={task} store={store} onUndo={() => setUndo({})} onFind={() => openFind(task)} onShow={() => showWaiting(task)} />
      </main>
      <Beside
        task={task}
        store={store}
        wide={wide}
        preview={preview}
        onPreview={setPreview}
        onUndo={setUndo}
        drawer={drawer}
        onDrawer={setDrawer}
      />
      <UndoDialog task={task} selection={undo} onClose={() => setUndo(undefined)} />
    </div>
  )
}
