// An address that leads nowhere.
import { Link } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { buttonLook, Empty } from '@kit'
import { PageFrame } from '../page-frame'
import { words } from '../words'

export function NotFoundPage() {
  return (
    <PageFrame title={words.titles.notFound}>
      <div className="flex min-h-full items-center justify-center">
        <Empty
          heading
          icon={Compass}
          title={words.notFound.title}
          action={
            <Link to="/" className={buttonLook('primary')}>
              {words.notFound.home}
            </Link>
          }
        >
          {words.notFound.text}
        </Empty>
      </div>
    </PageFrame>
  )
}
