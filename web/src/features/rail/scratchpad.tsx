// The model's working notes.
import { Markdown, Section } from '@kit'
import { Folded } from './folded'
import { words } from './words'

const LONG = 480

export function ScratchpadSection({ text, onPreview }: { text: string; onPreview: (path: string) => void }) {
  const said = words.scratchpad
  return (
    <Section title={said.title} collapsible storageName="rail.scratchpad">
      {text.trim() === '' ? (
        <p className="text-soft">{said.empty}</p>
      ) : (
        <Folded long={text.length > LONG || text.split('\n').length > 10} more={said.more} less={said.less}>
          <div className="text-s text-soft">
            <Markdown text={text} onLink={onPreview} />
          </div>
        </Folded>
      )}
    </Section>
  )
}
