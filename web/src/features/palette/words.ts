// Everything the palette says.

export const words = {
  title: 'Search and commands',
  placeholder: 'Search tasks, files and commands',
  recent: 'Recent tasks',
  tasks: 'Tasks',
  searching: 'Searching…',
  nothing: (text: string) => `Nothing found for “${text}”.`,
  nothingHint: 'Search looks into titles, conversations and names of files. Fewer words find more.',
  failed: 'the search does not answer',
  hints: { move: 'move', open: 'open', close: 'close' },
  untitled: 'Untitled task',
  found: (count: number) => (count === 1 ? '1 task found' : `${count} tasks found`),
}
