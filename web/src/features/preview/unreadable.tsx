// A file that cannot be shown: why, and the way to get it anyway.
import { Download } from 'lucide-react'
import { ErrorNote, LinkButton } from '@kit'
import { words } from './words'

export function Unreadable({ message, hint, download, name }: { message: string; hint: string; download: string; name: string }) {
  return (
    <div className="p-4">
      <ErrorNote
        message={message}
        hint={hint}
        action={
          <LinkButton size="s" icon={Download} href={download} download={name}>
            {words.download}
          </LinkButton>
        }
      />
    </div>
  )
}
