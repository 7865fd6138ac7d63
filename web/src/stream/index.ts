// Live tasks as the features see them.
export type * from './shape'
export { useFeedConnection, useNeedsYou, useRecentsFeed } from './recents'
export type { FeedConnection } from './feed'
export { useConnection, useFailure, useItem, useItems, useRevision, useTask, useTurns, useView } from './hooks'
export { viewOf } from './view'
export type { Failure, ItemsSnapshot, TaskStore } from './store'
