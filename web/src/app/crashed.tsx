// When drawing the page fails: what happened, that nothing is lost, and the one way on.
import { RotateCw, TriangleAlert } from 'lucide-react'
import { Component, type ReactNode } from 'react'
import { Button, Disclosure, Empty } from '@kit'
import { words } from './words'

export function CrashedPage({ error }: { error: unknown }) {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return (
    <main id="main" className="flex h-full flex-1 items-center justify-center overflow-y-auto">
      <Empty
        heading
        icon={TriangleAlert}
        title={words.crashed.title}
        action={
          <Button variant="primary" icon={RotateCw} onClick={() => window.location.reload()}>
            {words.crashed.reload}
          </Button>
        }
      >
        <p>{words.crashed.text}</p>
        <div className="mt-4 text-left">
          <Disclosure summary={words.crashed.details}>
            <pre className="text-xs whitespace-pre-wrap">{message}</pre>
          </Disclosure>
        </div>
      </Empty>
    </main>
  )
}

interface State {
  readonly failed: boolean
  readonly error: unknown
}

/** Catches what nothing else caught. */
export class CrashBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false, error: undefined }

  static getDerivedStateFromError(error: unknown): State {
    return { failed: true, error }
  }

  override render() {
    return this.state.failed ? <CrashedPage error={this.state.error} /> : this.props.children
  }
}
