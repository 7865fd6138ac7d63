// Sections whose parts are still being built: what will be there, and what does the same today.
import { buttonLook, Chip } from '@kit'
import { Link } from '@tanstack/react-router'
import { CircleDashed } from 'lucide-react'
import { Pane } from './pane'
import { words } from './words'

const text = words.coming

export function Coming({ section }: { section: 'skills' | 'connectors' | 'plugins' }) {
  const { title, what, will, today, action } = text[section]
  return (
    <Pane title={title} intro={what} aside={<Chip icon={CircleDashed}>{text.chip}</Chip>}>
      <ul className="flex max-w-prose list-disc flex-col gap-2 pl-4 text-m text-ink">
        {will.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <div className="max-w-prose rounded-l border border-line bg-panel p-4">
        <h2 className="text-s font-semibold text-soft">{text.today}</h2>
        <p className="mt-1 mb-3 text-m text-ink">{today}</p>
        {section === 'connectors' ? (
          <Link to="/" className={buttonLook()}>
            {action}
          </Link>
        ) : (
          <Link to="/customize/$section" params={{ section: 'general' }} className={buttonLook()}>
            {action}
          </Link>
        )}
      </div>
    </Pane>
  )
}
