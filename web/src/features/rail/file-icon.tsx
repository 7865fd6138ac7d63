// The icon of a file by its name.
import { File, FileArchive, FileCode, FileImage, FileSpreadsheet, FileText, FileVolume, type LucideIcon } from 'lucide-react'
import { iconKind, type IconKind } from './file-names'

const ICONS: Readonly<Record<IconKind, LucideIcon>> = {
  text: FileText,
  table: FileSpreadsheet,
  picture: FileImage,
  code: FileCode,
  sound: FileVolume,
  packed: FileArchive,
  other: File,
}

export function FileIcon({ name }: { name: string }) {
  const Icon = ICONS[iconKind(name)]
  return <Icon aria-hidden className="size-4 shrink-0 text-faint" />
}
