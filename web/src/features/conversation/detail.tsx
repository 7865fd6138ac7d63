// A titled part of the details of a call.
import type { ReactNode } from 'react'

export function Detail({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <p className="text-xs font-medium text-soft">{title}</p>
      {children}
    </div>
  )
}
