// The first run. Leaving it, by whatever way, is remembered.
import { useNavigate } from '@tanstack/react-router'
import { Welcome } from '@features/welcome/welcome'
import { keep } from '@lib/storage'
import { PageFrame } from '../page-frame'
import { words } from '../words'

export function WelcomePage() {
  const navigate = useNavigate()
  const done = () => keep('welcome.done', true)
  return (
    <PageFrame title={words.titles.welcome}>
      <Welcome
        onTaskMade={(task) => {
          done()
          void navigate({ to: '/tasks/$task', params: { task } })
        }}
        onDone={() => {
          done()
          void navigate({ to: '/' })
        }}
      />
    </PageFrame>
  )
}
