// Sizes as the limit of Undo counts them, and the limit as it is typed: in GB, of 1,024 MB each.
import { words } from './words'

const UNITS = ['KB', 'MB', 'GB', 'TB']
const MIB_PER_GB = 1024

/** Largest limit in GB: well below what a number holds exactly. */
const MOST_GB = 1_000_000_000

/** `1.2 GB`; the limit of 10,240 MiB is `10 GB`. */
export function keptSize(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  let value = bytes / 1024
  let unit = 0
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value.toFixed(1).replace(/\.0$/, '')} ${UNITS[unit] ?? ''}`
}

/** The limit in MiB as text for its field; 0 means none. */
export function quotaText(mib: number): string {
  return mib === 0 ? '' : String(Math.round((mib / MIB_PER_GB) * 100) / 100)
}

export interface ReadQuota {
  /** MiB; 0 means no limit. Meaningless where something is wrong. */
  readonly mib: number
  readonly wrong: string | undefined
}

/** Reads a typed limit. */
export function readQuota(text: string): ReadQuota {
  const wrong = words.storage.wrong
  const plain = text.trim().replace(',', '.')
  if (plain === '') return { mib: 0, wrong: undefined }
  if (!/^\d+(\.\d+)?$/.test(plain)) return { mib: 0, wrong: wrong.number }
  const gigabytes = Number(plain)
  if (gigabytes < 0.1) return { mib: 0, wrong: wrong.small }
  if (gigabytes > MOST_GB) return { mib: 0, wrong: wrong.large }
  return { mib: Math.round(gigabytes * MIB_PER_GB), wrong: undefined }
}
