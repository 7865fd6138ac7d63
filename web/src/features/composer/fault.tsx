// What went wrong, beside what caused it, with the one next step.
import { Link } from '@tanstack/react-router'
import { buttonLook, ErrorNote } from '@kit'
import type { ApiError } from '@api'
import { placeOf } from './failing'
import type { Place } from './failing'
import { MODEL } from './words'

export interface FaultProps {
  readonly failure: ApiError | undefined
  /** Only errors of these parts are shown here. */
  readonly at: readonly Place[]
}

export function Fault({ failure, at }: FaultProps) {
  if (failure === undefined || !at.includes(placeOf(failure))) return null
  const providers = placeOf(failure) === 'model' && failure.code !== 'script'
  return (
    <ErrorNote
      message={failure.message}
      hint={failure.hint}
      action={
        providers && (
          <Link to="/customize/$section" params={{ section: 'providers' }} className={buttonLook('outline', 's')}>
            {MODEL.connect}
          </Link>
        )
      }
    />
  )
}
