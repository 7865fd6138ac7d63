// The daemon's API as the rest of the window sees it.
export * from './client'
export * from './commands'
export * from './files'
export * from './queries'
export type * from './types'
