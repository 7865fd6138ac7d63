// What this is, which version, and where everything is kept.
import type { Settings } from '@api'
import { IconButton, toast } from '@kit'
import { copyText } from '@lib/clipboard'
import { Copy } from 'lucide-react'
import type { ReactNode } from 'react'
import { Pane, WithSettings } from './pane'
import { words } from './words'

const text = words.about

export function About() {
  return (
    <Pane title={words.sections.about} intro={text.what}>
      <WithSettings>{(settings) => <Facts settings={settings} />}</WithSettings>
      <div className="flex max-w-prose flex-col gap-2 text-s text-soft">
        <p>{text.open}</p>
        <p>{text.network}</p>
      </div>
    </Pane>
  )
}

function Facts({ settings }: { settings: Settings }) {
  return (
    <dl>
      <Row what={text.version}>{settings.version}</Row>
      <Row what={text.licence}>{text.licenceText}</Row>
      <Row what={text.home}>
        <Path what={text.home} path={settings.home} />
      </Row>
      <Row what={text.file}>
        <Path what={text.file} path={settings.file} />
      </Row>
      <Row what={text.keys}>{text.keyPlaces[settings.key_place]}</Row>
    </dl>
  )
}

function Row({ what, children }: { what: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-3">
      <dt className="w-40 shrink-0 text-s text-soft">{what}</dt>
      <dd className="min-w-0 flex-1 text-m text-ink">{children}</dd>
    </div>
  )
}

function Path({ what, path }: { what: string; path: string }) {
  const copy = async () => {
    if (await copyText(path)) toast(words.readiness.copied)
    else toast(words.readiness.copyFailed, { tone: 'bad' })
  }
  return (
    <span className="flex items-center gap-2">
      <span className="min-w-0 font-mono text-s break-all">{path}</span>
      <IconButton label={text.copyNamed(what)} icon={Copy} size="s" onClick={() => void copy()} />
    </span>
  )
}
