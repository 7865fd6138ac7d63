// The folders of this computer as a list that is walked through by keys or clicks, with the way to where it stands.
import { CornerLeftUp, Folder, FolderLock } from 'lucide-react'
import { useEffect, useId, useRef } from 'react'
import type { KeyboardEvent } from 'react'
import { COARSE, ErrorNote, IconButton, Skeleton, Told, useMedia } from '@kit'
import { written } from '@lib/shortcuts'
import { crumbs, stepFor } from './browse'
import { Option, OptionList } from './options'
import type { BrowserHold } from './use-browser'
import { folderKeys, FOLDER, nothingCalled, PLACES } from './words'

export interface FolderBrowserProps {
  readonly browser: BrowserHold
  readonly onUse: () => void
}

export function FolderBrowser({ browser, onUse }: FolderBrowserProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const { listing, rows, at, typed, home, usable } = browser
  const coarse = useMedia(COARSE)
  useEffect(() => {
    // On a touch screen the focus would bring up the keyboard over the list.
    if (!coarse) input.current?.focus()
  }, [coarse])
  const parent = listing?.parent ?? undefined
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = stepFor(event.key, event.ctrlKey || event.metaKey, { typed, home, at, rows, parent, usable })
    if (step === undefined) return
    event.preventDefault()
    switch (step.type) {
      case 'mark':
        browser.mark(step.at)
        break
      case 'open':
        browser.open(step.path)
        break
      case 'use':
        onUse()
        break
    }
  }
  const openAndStay = (path: string) => {
    browser.open(path)
    if (!coarse) input.current?.focus()
  }
  const marked = rows[at] === undefined ? undefined : `${id}-${at}`
  return (
    <div className="flex flex-col gap-2">
      <Way browser={browser} onOpen={openAndStay} />
      <div className="flex items-center gap-1">
        <IconButton label={FOLDER.up} icon={CornerLeftUp} variant="outline" disabled={parent === undefined} onClick={() => parent !== undefined && openAndStay(parent)} />
        <input
          ref={input}
          role="combobox"
          aria-label={FOLDER.findLabel}
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={marked}
          aria-autocomplete="list"
          aria-invalid={browser.problem !== undefined || undefined}
          aria-describedby={`${id}-keys`}
          placeholder={FOLDER.find}
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => browser.type(event.target.value)}
          onKeyDown={onKeyDown}
          className="h-9 min-w-0 flex-1 rounded-m border border-edge bg-panel px-3 text-m placeholder:text-faint focus-visible:outline-offset-0 pointer-coarse:h-10 pointer-coarse:text-l"
        />
      </div>
      {browser.problem !== undefined && <ErrorNote message={browser.problem.message} hint={browser.problem.hint} />}
      <Rows browser={browser} id={id} marked={marked} onOpen={openAndStay} />
      <p id={`${id}-keys`} className="text-xs text-faint pointer-coarse:sr-only">
        {folderKeys(written('Mod+Enter'))}
      </p>
    </div>
  )
}

interface RowsProps {
  readonly browser: BrowserHold
  readonly id: string
  readonly marked: string | undefined
  readonly onOpen: (path: string) => void
}

function Rows({ browser, id, marked, onOpen }: RowsProps) {
  const { listing, rows, typed, busy } = browser
  return (
    <div className="h-64 overflow-y-auto rounded-m border p-1" aria-busy={busy}>
      {listing === undefined && busy && <Skeleton lines={6} className="p-3" />}
      {listing?.refused != null && <p className="px-2 py-1 text-s text-soft"><Told text={listing.refused} /></p>}
      <OptionList id={`${id}-list`} label={FOLDER.list} marked={marked}>
        {rows.map((row, place) => (
          <Option key={row.path} id={`${id}-${place}`} marked={`${id}-${place}` === marked} onPick={() => onOpen(row.path)} onMark={() => browser.mark(place)}>
            {row.grantable ? <Folder aria-hidden className="size-4 shrink-0 text-soft" /> : <FolderLock aria-hidden className="size-4 shrink-0 text-faint" />}
            <span className="min-w-0 flex-1 truncate">{row.name}</span>
            {!row.grantable && <span className="shrink-0 text-xs text-faint">{FOLDER.leads}</span>}
          </Option>
        ))}
      </OptionList>
      {listing !== undefined && rows.length === 0 && (
        <p className="px-2 py-1 text-s text-soft">{listing.folders.length === 0 ? FOLDER.empty : nothingCalled(typed.trim())}</p>
      )}
      {listing?.more === true && <p className="px-2 py-1 text-s text-soft">{FOLDER.more}</p>}
    </div>
  )
}

function Way({ browser, onOpen }: { readonly browser: BrowserHold; readonly onOpen: (path: string) => void }) {
  const { listing, home } = browser
  if (listing === undefined) return <div className="h-7" />
  const steps = crumbs(listing.path, home, PLACES)
  return (
    <nav aria-label={FOLDER.places} className="min-w-0 overflow-x-auto">
      <ol className="flex min-h-7 items-center text-s text-soft">
        {steps.map((step, place) => (
          <li key={step.path} className="flex shrink-0 items-center">
            {place > 0 && (
              <span aria-hidden className="px-1 text-faint">
                /
              </span>
            )}
            {place === steps.length - 1 ? (
              <span aria-current="location" className="px-1 font-medium text-ink">
                {step.name}
              </span>
            ) : (
              <button type="button" onClick={() => onOpen(step.path)} className="rounded-s px-1 hover:bg-hover hover:text-ink pointer-coarse:min-h-10">
                {step.name}
              </button>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}
