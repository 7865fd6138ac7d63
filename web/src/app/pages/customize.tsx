// Customize: the settings, with the section in the address.
import { useNavigate, useParams } from '@tanstack/react-router'
import { SettingsPage } from '@features/settings/settings'
import { PageFrame } from '../page-frame'
import { words } from '../words'

export function CustomizePage() {
  const { section } = useParams({ from: '/customize/$section' })
  const navigate = useNavigate()
  return (
    <PageFrame title={words.titles.customize}>
      <SettingsPage section={section} onSection={(next) => void navigate({ to: '/customize/$section', params: { section: next } })} />
    </PageFrame>
  )
}
