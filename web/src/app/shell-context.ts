// What pages may ask of the frame around them.
import { createContext, useContext } from 'react'

export interface ShellActions {
  /** Whether there is room for columns side by side. */
  readonly roomy: boolean
  /** Opens the list of tasks: as a column where there is room, as a drawer on a phone. */
  openSidebar: () => void
  openPalette: () => void
  /** Whether the details of a task are wanted beside the conversation; remembered. */
  readonly railOpen: boolean
  setRailOpen: (open: boolean) => void
}

const nothing = () => undefined

export const ShellContext = createContext<ShellActions>({
  roomy: true,
  openSidebar: nothing,
  openPalette: nothing,
  railOpen: true,
  setRailOpen: nothing,
})

export function useShell(): ShellActions {
  return useContext(ShellContext)
}
