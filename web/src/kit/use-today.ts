// The day it is, for headings such as Today and Yesterday.
import { useEffect, useState } from 'react'
import { nextMidnight } from '@lib/format'

/** A moment of today, in milliseconds since 1970; another one when the day turns. */
export function useToday(): number {
  const [today, setToday] = useState(() => Date.now())
  useEffect(() => {
    // A clock that was put forward, or a computer that slept, is noticed at once or a second later.
    const timer = setTimeout(() => setToday(Date.now()), Math.max(nextMidnight(today) - Date.now(), 1000))
    return () => clearTimeout(timer)
  }, [today])
  return today
}
