// Projects: the names tasks were given, with their tasks.
import { useInfiniteQuery } from '@tanstack/react-query'
import { FolderKanban } from 'lucide-react'
import { useMemo, useState } from 'react'
import { asApiError, recentsQuery } from '@api'
import { Button, Empty, ErrorNote, Section, Skeleton } from '@kit'
import { projectsIn, type Project } from './grouping'
import { Coming, Place } from './place'
import { TaskLines } from './task-lines'
import { words } from './words'

/** Tasks of a project shown before one asks for all. */
const FEW = 5

function OneProject({ project }: { project: Project }) {
  const [all, setAll] = useState(false)
  const { name, tasks } = project
  return (
    <Section title={name} aside={<span>{words.projects.count(tasks.length)}</span>}>
      <TaskLines tasks={all ? tasks : tasks.slice(0, FEW)} label={name} />
      {!all && tasks.length > FEW && (
        <div>
          <Button size="s" variant="quiet" onClick={() => setAll(true)}>
            {words.projects.all(tasks.length)}
          </Button>
        </div>
      )}
    </Section>
  )
}

export function ProjectsPage() {
  const { data, isPending, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(recentsQuery('current'))
  const projects = useMemo(() => projectsIn(data?.pages.flat() ?? []), [data])
  return (
    <Place title={words.projects.title} intro={words.projects.intro}>
      {isPending && <Skeleton lines={5} />}
      {error !== null && data === undefined && (
        <ErrorNote message={words.failed} hint={asApiError(error).hint} onRetry={() => void refetch()} />
      )}
      {data !== undefined && projects.length === 0 && (
        <Empty icon={FolderKanban} title={words.projects.empty}>
          {words.projects.emptyText}
        </Empty>
      )}
      {projects.map((project) => (
        <OneProject key={project.name} project={project} />
      ))}
      {hasNextPage && (
        <div className="flex items-center gap-3 text-s text-soft">
          <Button size="s" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {words.more}
          </Button>
          {words.projects.partial}
        </div>
      )}
      <Coming>{words.projects.coming}</Coming>
    </Place>
  )
}
