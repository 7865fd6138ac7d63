// The first page: the question, the composer, and three ways to begin.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Navigate, useNavigate } from '@tanstack/react-router'
import { FolderTree, Plug, Sparkles, type LucideIcon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { modelsQuery, recentsQuery, tryExample, type ProviderModels } from '@api'
import { addWords, NEW_DRAFT } from '@features/composer/draft'
import { NewTaskComposer } from '@features/composer/new-task'
import { announce, cx, Skeleton, Spinner } from '@kit'
import { kept } from '@lib/storage'
import { attempt } from '../commands'
import { PageFrame } from '../page-frame'
import { words } from '../words'

/** How long the first visit waits to learn whether there is a model, in milliseconds. */
const PATIENCE = 2500

/** Whether some provider has a model to work with; unknown while it is being asked. */
function usableModel(providers: readonly ProviderModels[] | undefined): boolean | undefined {
  return providers?.some((provider) => provider.unavailable == null && provider.models.length > 0)
}

/** What the first page should be: the question, the first run, or nothing yet. */
function useFirstRun(usable: boolean | undefined): 'home' | 'welcome' | 'wait' {
  const recents = useInfiniteQuery(recentsQuery('current'))
  const [waited, setWaited] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setWaited(true), PATIENCE)
    return () => clearTimeout(timer)
  }, [])
  if (kept<boolean>('welcome.done', false)) return 'home'
  const known = recents.data?.pages[0]
  if (known === undefined) return recents.isError || waited ? 'home' : 'wait'
  if (known.length > 0) return 'home'
  if (usable === undefined) return waited ? 'home' : 'wait'
  return usable ? 'home' : 'welcome'
}

interface CardProps {
  icon: LucideIcon
  title: string
  text: string
  onClick: () => void
  busy?: boolean
  /** The way to begin while nothing is set up. */
  leads?: boolean
}

function Card({ icon: Icon, title, text, onClick, busy = false, leads = false }: CardProps) {
  return (
    <button
      type="button"
      onClick={onClick}
      aria-busy={busy || undefined}
      className={cx(
        'flex h-full w-full flex-col items-start gap-2 rounded-l border p-4 text-left transition-colors',
        leads ? 'border-accent bg-tint' : 'border-line bg-panel hover:bg-hover',
      )}
    >
      <span className="flex w-full items-center gap-2 text-accent">
        {busy ? <Spinner /> : <Icon aria-hidden className="size-4" />}
        {leads && <span className="text-xs font-medium">{words.home.first}</span>}
      </span>
      <span className="text-m font-semibold">{title}</span>
      <span className="text-s text-soft">{text}</span>
    </button>
  )
}

function Ways({ usable, onTidy }: { usable: boolean | undefined; onTidy: () => void }) {
  const navigate = useNavigate()
  const [busy, setBusy] = useState(false)
  const open = (task: string) => navigate({ to: '/tasks/$task', params: { task } })
  const example = () => {
    setBusy(true)
    attempt(tryExample().then(open).finally(() => setBusy(false)))
  }
  const { home } = words
  return (
    <section aria-label={home.starts} className="mt-8">
      <ul className="grid gap-3 md:grid-cols-3">
        <li>
          <Card icon={Sparkles} title={home.example.title} text={home.example.text} onClick={example} busy={busy} leads={usable === false} />
        </li>
        <li>
          <Card icon={FolderTree} title={home.tidy.title} text={home.tidy.text} onClick={onTidy} />
        </li>
        <li>
          <Card
            icon={Plug}
            title={home.connect.title}
            text={home.connect.text}
            onClick={() => void navigate({ to: '/customize/$section', params: { section: 'providers' } })}
          />
        </li>
      </ul>
    </section>
  )
}

export function HomePage() {
  const navigate = useNavigate()
  const models = useQuery(modelsQuery)
  const usable = usableModel(models.data)
  const first = useFirstRun(usable)
  const [asked, setAsked] = useState(0)
  const tidy = () => {
    addWords(NEW_DRAFT, words.home.tidyPrompt)
    setAsked(asked + 1)
    announce(words.home.tidyNext)
  }
  if (first === 'welcome') return <Navigate to="/welcome" replace />
  return (
    <PageFrame title={words.titles.home}>
      <div className="mx-auto flex min-h-full w-full max-w-column flex-col justify-center px-4 py-8 md:px-6 md:pb-24">
        <h1 className="mb-6 text-xl font-semibold tracking-tight">{words.home.heading}</h1>
        {first === 'wait' ? (
          <Skeleton lines={4} className="rounded-l border border-line bg-panel p-4" />
        ) : (
          <>
            {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the one thing this page is for */}
            <NewTaskComposer autoFocus asked={asked} onCreated={(task) => void navigate({ to: '/tasks/$task', params: { task } })} />
            <Ways usable={usable} onTidy={tidy} />
          </>
        )}
      </div>
    </PageFrame>
  )
}
