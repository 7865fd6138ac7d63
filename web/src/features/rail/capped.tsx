// A list of which only the beginning is shown until the rest is asked for.
import { useState, type ReactNode } from 'react'
import { Button } from '@kit'
import { words } from './words'

export interface CappedProps<T> {
  items: readonly T[]
  most: number
  list: (shown: readonly T[]) => ReactNode
}

export function Capped<T>({ items, most, list }: CappedProps<T>) {
  const [all, setAll] = useState(false)
  return (
    <>
      {list(all ? items : items.slice(0, most))}
      {items.length > most && (
        <Button variant="quiet" size="s" className="-ml-2 self-start" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? words.fewer : words.all(items.length)}
        </Button>
      )}
    </>
  )
}
