// Where the folder browser stands: the open folder, what is typed, which row is marked, what could not be opened.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { asApiError, foldersQuery } from '@api'
import type { ApiError, FolderListing } from '@api'
import { narrowed } from './browse'

export interface BrowserHold {
  /** The open folder; none until the first answer. */
  readonly listing: FolderListing | undefined
  readonly home: string | undefined
  readonly rows: FolderListing['folders']
  readonly typed: string
  readonly at: number
  /** Whether the open folder itself may be used. */
  readonly usable: boolean
  readonly busy: boolean
  readonly problem: ApiError | undefined
  readonly open: (path: string) => void
  readonly type: (text: string) => void
  readonly mark: (at: number) => void
}

const NOTHING: FolderListing['folders'] = []

export function useBrowser(): BrowserHold {
  const client = useQueryClient()
  const start = useQuery(foldersQuery(undefined))
  const [opened, setOpened] = useState<FolderListing | undefined>(undefined)
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(-1)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ApiError | undefined>(undefined)
  const listing = opened ?? start.data
  const home = start.data?.path
  const type = useCallback((text: string) => {
    setTyped(text)
    setAt(text.trim() === '' || text.startsWith('/') || text.startsWith('~') ? -1 : 0)
    setProblem(undefined)
  }, [])
  const open = useCallback(
    (path: string) => {
      setBusy(true)
      setProblem(undefined)
      client
        .fetchQuery({ ...foldersQuery(path), retry: false })
        .then((found) => {
          setOpened(found)
          setTyped('')
          setAt(-1)
        })
        .catch((error: unknown) => setProblem(asApiError(error)))
        .finally(() => setBusy(false))
    },
    [client],
  )
  const filter = typed.startsWith('/') || typed.startsWith('~') ? '' : typed
  return {
    listing,
    home,
    rows: [...narrowed(listing?.folders ?? NOTHING, filter)],
    typed,
    at,
    usable: listing !== undefined && listing.refused == null,
    busy: busy || start.isPending,
    problem: problem ?? (start.error === null ? undefined : asApiError(start.error)),
    open,
    type,
    mark: setAt,
  }
}
