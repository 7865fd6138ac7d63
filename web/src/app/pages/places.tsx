// The places of the sidebar, each in its frame.
import { ArchivePage } from '@features/places/archive'
import { DispatchPage } from '@features/places/dispatch'
import { ProjectsPage } from '@features/places/projects'
import { ScheduledPage } from '@features/places/scheduled'
import { PageFrame } from '../page-frame'
import { words } from '../words'

export function ProjectsPlace() {
  return (
    <PageFrame title={words.titles.projects}>
      <ProjectsPage />
    </PageFrame>
  )
}

export function ScheduledPlace() {
  return (
    <PageFrame title={words.titles.scheduled}>
      <ScheduledPage />
    </PageFrame>
  )
}

export function DispatchPlace() {
  return (
    <PageFrame title={words.titles.dispatch}>
      <DispatchPage />
    </PageFrame>
  )
}

export function ArchivePlace() {
  return (
    <PageFrame title={words.titles.archive}>
      <ArchivePage />
    </PageFrame>
  )
}
