// No model can be used yet: the two ways on, in one line.
import { Link } from '@tanstack/react-router'
import { CircleOff } from 'lucide-react'
import { MODEL } from './words'

const WAY = 'rounded-s text-accent underline underline-offset-2 pointer-coarse:inline-block pointer-coarse:min-h-10'

export function NeedsModel({ onExample }: { readonly onExample: () => void }) {
  return (
    <p className="text-center text-s text-soft">
      <CircleOff aria-hidden className="mr-2 inline size-4 align-text-bottom" />
      {MODEL.noProvider}{' '}
      <Link to="/customize/$section" params={{ section: 'providers' }} className={WAY}>
        {MODEL.connect}
      </Link>{' '}
      {MODEL.or}{' '}
      <button type="button" onClick={onExample} className={WAY}>
        {MODEL.example}
      </button>
    </p>
  )
}
