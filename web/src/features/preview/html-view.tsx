// A produced web page: cleaned, then shown in a frame of its own that runs no scripts and reaches no other address.
//
// The frame has `allow-same-origin` and nothing else, so that this window can put the cleaned page and its styles into
// it; without `allow-scripts` nothing in it can make use of that. It inherits the window's content policy.
import { useCallback, useMemo } from 'react'
import { fileAddress } from '@api'
import { cleanPage } from './clean-page'
import { fillFrame } from './fill-frame'
import { textOf } from './text-of'
import type { ViewerProps } from './viewer'
import { words } from './words'

const EMPTY = '<!doctype html><html><head><title></title></head><body></body></html>'

export function HtmlView({ task, path, name, bytes }: ViewerProps) {
  const page = useMemo(() => cleanPage(textOf(bytes), path), [bytes, path])
  const fill = useCallback(
    (frame: HTMLIFrameElement) => {
      if (frame.contentDocument !== null) fillFrame(frame.contentDocument, page, (picture) => fileAddress(task, picture))
    },
    [page, task],
  )
  return (
    <div className="flex h-full min-h-0 flex-col">
      <iframe
        title={words.page(name)}
        sandbox="allow-same-origin"
        referrerPolicy="no-referrer"
        srcDoc={EMPTY}
        onLoad={({ currentTarget }) => fill(currentTarget)}
        className="min-h-0 w-full flex-1"
        // A page that says nothing about colours is black on white, in both appearances.
        style={{ background: 'white', colorScheme: 'light' }}
      />
      <p className="border-t border-line px-4 py-2 text-xs text-soft">
        {words.pageNote}
        {words.leftOut(page.scripts, page.remote)}
      </p>
    </div>
  )
}
