// The stores of the tasks in use: whoever names the same task gets the same store.
import { browser, type Ports } from './ports'
import { TaskStore } from './store'

/** How long a store nobody uses yet is kept, in milliseconds: React may throw away the drawing that asked for it. */
const UNUSED = 30_000

/** A way to the stores of tasks, each made when it is first asked for. */
export function registry(ports: Ports): (id: string) => TaskStore {
  const stores = new Map<string, TaskStore>()
  const forget = (store: TaskStore) => {
    if (stores.get(store.id) === store) stores.delete(store.id)
  }
  return (id) => {
    const known = stores.get(id)
    if (known !== undefined) return known
    const made = new TaskStore(id, ports, {
      held: (store) => {
        unused()
        stores.set(id, store)
      },
      dropped: forget,
    })
    const unused = ports.after(UNUSED, () => forget(made))
    stores.set(id, made)
    return made
  }
}

/** The store of a task. */
export const storeOf = registry(browser)
