// Files dragged over the window, from wherever they come: whether some are, and what was dropped.
import { useEffect, useRef, useState } from 'react'

/** What was dropped. */
export interface Dropped {
  readonly files: readonly File[]
  /** Whether a folder was among it; folders cannot be attached. */
  readonly folder: boolean
}

/** Whether files are being dragged over the window. The whole window takes them. */
export function useDrop(onDrop: (dropped: Dropped) => void): boolean {
  const [over, setOver] = useState(false)
  const drop = useRef(onDrop)
  useEffect(() => {
    drop.current = onDrop
  }, [onDrop])
  useEffect(() => listen(setOver, (dropped) => drop.current(dropped)), [])
  return over
}

function listen(setOver: (over: boolean) => void, onDrop: (dropped: Dropped) => void): () => void {
  // Every element under the pointer is entered before the last one is left.
  let depth = 0
  const settle = (next: number) => {
    depth = Math.max(next, 0)
    setOver(depth > 0)
  }
  const enter = (event: DragEvent) => {
    if (holdsFiles(event)) settle(depth + 1)
  }
  const leave = (event: DragEvent) => {
    if (holdsFiles(event)) settle(depth - 1)
  }
  const move = (event: DragEvent) => {
    if (!holdsFiles(event)) return
    event.preventDefault()
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy'
  }
  const dropped = (event: DragEvent) => {
    if (!holdsFiles(event)) return
    event.preventDefault()
    settle(0)
    onDrop(read(event.dataTransfer))
  }
  const away = () => settle(0)
  window.addEventListener('dragenter', enter)
  window.addEventListener('dragleave', leave)
  window.addEventListener('dragover', move)
  window.addEventListener('drop', dropped)
  window.addEventListener('blur', away)
  return () => {
    window.removeEventListener('dragenter', enter)
    window.removeEventListener('dragleave', leave)
    window.removeEventListener('dragover', move)
    window.removeEventListener('drop', dropped)
    window.removeEventListener('blur', away)
  }
}

function holdsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}

function read(transfer: DataTransfer | null): Dropped {
  const files: File[] = []
  let folder = false
  for (const item of Array.from(transfer?.items ?? [])) {
    if (item.kind !== 'file') continue
    const file = item.getAsFile()
    if (item.webkitGetAsEntry()?.isDirectory === true) folder = true
    else if (file !== null) files.push(file)
  }
  return { files, folder }
}
