// What every viewer is given.

export interface ViewerProps {
  readonly task: string
  /** The path as the model knows it. */
  readonly path: string
  readonly name: string
  readonly bytes: ArrayBuffer
  /** The address that saves the file. */
  readonly download: string
  /** Opens another file of the task that this one names. */
  readonly onOpen?: ((path: string) => void) | undefined
}
