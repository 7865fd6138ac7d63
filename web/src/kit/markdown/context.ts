// What the place around a text offers to it: opening files of the task and showing their pictures.
import { createContext, useContext } from 'react'

/** What links and pictures to files of the task do. */
export interface Surroundings {
  /** Opens a file of the task that a link names. Without it such links are plain text. */
  readonly onLink: ((path: string) => void) | undefined
  /** The address on this server of a picture that the text names by its path, if there is one. */
  readonly picture: ((path: string) => string | undefined) | undefined
}

const Around = createContext<Surroundings>({ onLink: undefined, picture: undefined })

export const SurroundingsProvider = Around.Provider

export function useSurroundings(): Surroundings {
  return useContext(Around)
}
