// Customize: the list of sections and the one that is open.
import { Choice, cx, Empty, Button, useMedia } from '@kit'
import { Link } from '@tanstack/react-router'
import { About } from './about'
import { Appearance } from './appearance'
import { Coming } from './coming'
import { General } from './general'
import { Keyboard } from './keyboard'
import { Limits } from './limits'
import { Network } from './network'
import { Permissions } from './permissions'
import { Providers } from './providers'
import { Readiness } from './readiness'
import { GROUPS, type SectionId, sectionNamed } from './sections'
import { Storage } from './storage'
import { words } from './words'

interface SettingsProps {
  section: string
  onSection: (section: string) => void
}

export function SettingsPage({ section, onSection }: SettingsProps) {
  const wide = useMedia('(min-width: 960px)')
  const open = sectionNamed(section)
  return (
    <div className={cx('mx-auto flex max-w-4xl', wide ? 'flex-row gap-12 px-8 py-12' : 'flex-col gap-6 px-4 py-6')}>
      {wide ? <SectionList open={open} /> : <SectionChoice open={open} onSection={onSection} />}
      <div className="min-w-0 flex-1">
        {open === undefined ? (
          <Empty
            title={words.unknownSection.title}
            action={<Button onClick={() => onSection('general')}>{words.unknownSection.action}</Button>}
          />
        ) : (
          <SectionBody key={open} section={open} />
        )}
      </div>
    </div>
  )
}

function SectionList({ open }: { open: SectionId | undefined }) {
  return (
    <nav aria-label={words.nav} className="sticky top-0 w-48 shrink-0 self-start">
      <p className="px-3 pb-4 text-l font-semibold text-ink">{words.title}</p>
      {GROUPS.map((group) => (
        <div key={group.title} className="pb-4">
          <p className="px-3 pb-1 text-xs font-semibold text-faint">{group.title}</p>
          <ul aria-label={group.title}>
            {group.entries.map(({ id, icon: Icon }) => (
              <li key={id}>
                <Link
                  to="/customize/$section"
                  params={{ section: id }}
                  aria-current={open === id ? 'page' : undefined}
                  className={cx(
                    'flex items-center gap-3 rounded-m px-3 py-2 text-s',
                    open === id ? 'bg-tint font-semibold text-ink' : 'text-soft hover:bg-side hover:text-ink',
                  )}
                >
                  <Icon aria-hidden className="size-4 shrink-0" />
                  {words.sections[id]}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

function SectionChoice({ open, onSection }: { open: SectionId | undefined; onSection: (section: string) => void }) {
  const options = GROUPS.flatMap((group) =>
    group.entries.map(({ id }) => ({ value: id, label: words.sections[id] })),
  )
  return <Choice label={words.section} hideLabel value={open ?? ''} onValueChange={onSection} options={options} />
}

function SectionBody({ section }: { section: SectionId }) {
  switch (section) {
    case 'general':
      return <General />
    case 'appearance':
      return <Appearance />
    case 'keyboard':
      return <Keyboard />
    case 'providers':
      return <Providers />
    case 'limits':
      return <Limits />
    case 'permissions':
      return <Permissions />
    case 'network':
      return <Network />
    case 'storage':
      return <Storage />
    case 'skills':
    case 'connectors':
    case 'plugins':
      return <Coming section={section} />
    case 'readiness':
      return <Readiness />
    case 'about':
      return <About />
  }
}
