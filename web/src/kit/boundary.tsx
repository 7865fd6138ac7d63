// Around parts of the page that are fetched when they are needed: where one cannot be had, the rest of the page stays.
import { RotateCw } from 'lucide-react'
import { Component, type ReactNode } from 'react'
import { Button } from './button'
import { ErrorNote } from './note'
import { words } from './words'

export interface BoundaryProps {
  children: ReactNode
  /** Stands in the place of what could not be drawn. */
  fallback: ReactNode
}

/** Shows `fallback` where something inside cannot be fetched or drawn. Give it another key to try again. */
export class Boundary extends Component<BoundaryProps, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override render() {
    return this.state.failed ? this.props.fallback : this.props.children
  }
}

/** A part of the page could not be fetched; loading the page again is the next step. */
export function Unfetched({ onClose }: { onClose?: (() => void) | undefined }) {
  return (
    <ErrorNote
      message={words.unfetched}
      hint={words.unfetchedHint}
      action={
        <div className="flex flex-wrap justify-end gap-2">
          {onClose !== undefined && (
            <Button size="s" variant="quiet" onClick={onClose}>
              {words.close}
            </Button>
          )}
          <Button size="s" icon={RotateCw} onClick={() => window.location.reload()}>
            {words.reload}
          </Button>
        </div>
      }
    />
  )
}
