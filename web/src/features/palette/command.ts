// What the palette can run besides opening a task.
import type { LucideIcon } from 'lucide-react'

export interface PaletteCommand {
  readonly id: string
  readonly group: string
  readonly title: string
  readonly icon: LucideIcon
  /** A shortcut that does the same, as in the list of shortcuts. */
  readonly keys?: string | undefined
  readonly run: () => void
}
