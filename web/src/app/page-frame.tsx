// What every page besides a task has: the main area, and on a phone a bar to reach the list of tasks.
import { Menu as MenuIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from '@kit'
import { useShell } from './shell-context'
import { usePageTitle } from './title'
import { words } from './words'

export function PageFrame({ title, children }: { title: string; children: ReactNode }) {
  const { roomy, openSidebar } = useShell()
  usePageTitle(title)
  return (
    <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
      {!roomy && (
        <div className="flex items-center gap-2 border-b border-line px-2 py-1 pt-safe">
          <IconButton label={words.sidebar.open} icon={MenuIcon} tip={false} onClick={openSidebar} />
          <span className="text-m font-semibold">{title}</span>
        </div>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
    </main>
  )
}
