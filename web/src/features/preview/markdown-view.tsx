// Markdown as it reads. Pictures beside the file are shown; links to files of the task open here.
import { useCallback, useMemo } from 'react'
import { fileAddress } from '@api'
import { Markdown } from '@kit'
import { localPath } from './local-path'
import { textOf } from './text-of'
import type { ViewerProps } from './viewer'
import { words } from './words'

export function MarkdownView({ task, path, name, bytes, onOpen }: ViewerProps) {
  const text = useMemo(() => textOf(bytes), [bytes])
  const picture = useCallback(
    (address: string) => {
      const beside = localPath(path, address)
      return beside === undefined ? undefined : fileAddress(task, beside)
    },
    [task, path],
  )
  const open = useCallback(
    (address: string) => {
      const beside = localPath(path, address)
      if (beside !== undefined) onOpen?.(beside)
    },
    [path, onOpen],
  )
  return (
    // Scrolls with the arrow keys, so it takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div tabIndex={0} role="region" aria-label={words.contentOf(name)} className="h-full overflow-auto bg-panel px-6 py-6 focus-visible:-outline-offset-2">
      <div className="mx-auto max-w-column">
        <Markdown text={text} picture={picture} onLink={onOpen === undefined ? undefined : open} />
      </div>
    </div>
  )
}
