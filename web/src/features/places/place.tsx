// The shape of a place: its name, one sentence, what is there, and what will be.
import { Hourglass } from 'lucide-react'
import type { ReactNode } from 'react'
import { words } from './words'

export function Place({ title, intro, children }: { title: string; intro: string; children: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-column flex-col gap-8 px-4 py-8 md:px-6 md:py-12">
      <header>
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        <p className="mt-1 text-m text-soft">{intro}</p>
      </header>
      {children}
    </div>
  )
}

/** What is not there yet, said plainly. */
export function Coming({ children }: { children: ReactNode }) {
  return (
    <section aria-label={words.soon} className="flex items-start gap-3 rounded-l border border-line p-4">
      <Hourglass aria-hidden className="mt-1 size-4 shrink-0 text-soft" />
      <div>
        <h2 className="text-m font-semibold">{words.soon}</h2>
        <p className="mt-1 text-m text-soft">{children}</p>
      </div>
    </section>
  )
}
