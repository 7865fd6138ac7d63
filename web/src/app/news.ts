// What the browser is told while nobody looks at the page: a task that needs its user, a task that ended.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { recentsQuery, type TaskState } from '@api'
import { kept } from '@lib/storage'
import { news } from './told'
import { words } from './words'

function wanted(): boolean {
  return document.hidden && 'Notification' in window && Notification.permission === 'granted' && kept('notify', false)
}

/** Shows a notification for news while the page is hidden. A click opens the task. */
export function useNews(): void {
  const navigate = useNavigate()
  const { data } = useInfiniteQuery(recentsQuery('current'))
  const known = useRef<ReadonlyMap<string, TaskState>>(new Map())
  useEffect(() => {
    if (data === undefined) return
    const tasks = data.pages[0] ?? []
    const fresh = news(known.current, tasks)
    known.current = new Map(tasks.map((task) => [task.id, task.state]))
    if (fresh.length === 0 || !wanted()) return
    for (const { task, told } of fresh) {
      const shown = new Notification(task.title, { body: `${task.title} ${words.notify[told]}.`, tag: task.id, icon: '/icon-192.png' })
      shown.onclick = () => {
        window.focus()
        void navigate({ to: '/tasks/$task', params: { task: task.id } })
        shown.close()
      }
    }
  }, [data, navigate])
}
