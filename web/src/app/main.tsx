// Where the window begins: one root, one client for lists and settings, one router.
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Announcer, KitRoot, preloadParts, Toasts } from '@kit'
import { CrashBoundary } from './crashed'
import { router } from './router'
import { watchedQueryClient } from './session'
import './styles.css'

const queries = watchedQueryClient()
const root = document.getElementById('root')

if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <CrashBoundary>
        <QueryClientProvider client={queries}>
          <KitRoot>
            <RouterProvider router={router} />
            <Toasts />
            <Announcer />
          </KitRoot>
        </QueryClientProvider>
      </CrashBoundary>
    </StrictMode>,
  )
}

/** Milliseconds after which the page has come to rest and fetches what it will need next. */
const REST = 5000

setTimeout(() => {
  preloadParts()
  // What cannot be fetched now is fetched when it is wanted.
  import('@features/palette/palette').catch(() => undefined)
  import('./pages/task').catch(() => undefined)
}, REST)

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  window.addEventListener('load', () => {
    // Without it the page works the same; only the picture for a daemon that is away is missing.
    navigator.serviceWorker.register('/sw.js').catch(() => undefined)
  })
}
