// What was chosen beside the words and is worth seeing: folders, own limits, own instructions.
import { Gauge, ScrollText } from 'lucide-react'
import { Chip } from '@kit'
import type { Draft } from './draft'
import { FolderChips } from './folder-chips'
import { INSTRUCTIONS, LIMITS, WORDS } from './words'

export interface ChosenRowProps {
  readonly draft: Draft
  readonly onChange: (part: Partial<Draft>) => void
}

export function ChosenRow({ draft, onChange }: ChosenRowProps) {
  const { folders, limits, instructions } = draft
  if (folders.length === 0 && limits === undefined && instructions === undefined) return null
  return (
    <div role="group" aria-label={WORDS.chosen} className="flex flex-wrap gap-2 px-3 pt-2">
      <FolderChips folders={folders} onFolders={(next) => onChange({ folders: next })} />
      {limits !== undefined && (
        <Chip icon={Gauge} onRemove={() => onChange({ limits: undefined })} removeLabel={LIMITS.usual}>
          {LIMITS.chip}
        </Chip>
      )}
      {instructions !== undefined && (
        <Chip icon={ScrollText} onRemove={() => onChange({ instructions: undefined })} removeLabel={INSTRUCTIONS.usual}>
          {INSTRUCTIONS.chip}
        </Chip>
      )}
    </div>
  )
}
