// Scheduled: what will be there, and how a job can be put on a timer today.
import { Copy } from 'lucide-react'
import { Button, toast } from '@kit'
import { Coming, Place } from './place'
import { words } from './words'

function copy(): void {
  navigator.clipboard.writeText(words.scheduled.command).then(
    () => toast(words.scheduled.copied),
    () => toast(words.scheduled.command, { tone: 'info' }),
  )
}

export function ScheduledPage() {
  return (
    <Place title={words.scheduled.title} intro={words.scheduled.intro}>
      <Coming>{words.scheduled.coming}</Coming>
      <section aria-label={words.today} className="flex flex-col gap-3">
        <h2 className="text-m font-semibold">{words.today}</h2>
        <p className="text-m text-soft">{words.scheduled.today}</p>
        <pre className="rounded-m bg-side p-3 text-s break-words whitespace-pre-wrap">{words.scheduled.command}</pre>
        <div>
          <Button size="s" icon={Copy} onClick={copy}>
            {words.scheduled.copy}
          </Button>
        </div>
        <p className="text-m text-soft">{words.scheduled.note}</p>
      </section>
    </Place>
  )
}
