// What a deletion is about: the trees that would go and how many of the user's files are in them, as Deskhand counted.
import type { Approval } from '@api'

/** What an approval would delete. */
export interface Deletion {
  readonly paths: readonly string[]
  /** How many of the user's files; none where nobody counted. */
  readonly files: number | undefined
}

/** What an approval deletes; none where it deletes nothing. */
export function deletionOf(approval: Pick<Approval, 'effects' | 'files'>): Deletion | undefined {
  const paths = approval.effects.flatMap((effect) => (effect.type === 'delete_path' ? [effect.data] : []))
  return paths.length === 0 ? undefined : { paths, files: approval.files ?? undefined }
}
