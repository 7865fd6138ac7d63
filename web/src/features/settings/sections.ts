// Which sections Customize has, in which order and group.
import {
  Blocks, Gauge, Globe, HardDrive, Info, Keyboard, type LucideIcon, Palette, Plug, Server, ShieldCheck, SlidersHorizontal, Sparkles,
  Stethoscope,
} from 'lucide-react'
import { words } from './words'

export type SectionId = keyof typeof words.sections

export interface SectionEntry {
  readonly id: SectionId
  readonly icon: LucideIcon
}

export interface SectionGroup {
  readonly title: string
  readonly entries: readonly SectionEntry[]
}

export const GROUPS: readonly SectionGroup[] = [
  {
    title: words.groups.you,
    entries: [
      { id: 'general', icon: SlidersHorizontal },
      { id: 'appearance', icon: Palette },
      { id: 'keyboard', icon: Keyboard },
    ],
  },
  {
    title: words.groups.models,
    entries: [
      { id: 'providers', icon: Server },
      { id: 'limits', icon: Gauge },
    ],
  },
  {
    title: words.groups.safety,
    entries: [
      { id: 'permissions', icon: ShieldCheck },
      { id: 'network', icon: Globe },
    ],
  },
  {
    title: words.groups.extend,
    entries: [
      { id: 'skills', icon: Sparkles },
      { id: 'connectors', icon: Plug },
      { id: 'plugins', icon: Blocks },
    ],
  },
  {
    title: words.groups.computer,
    entries: [
      { id: 'storage', icon: HardDrive },
      { id: 'readiness', icon: Stethoscope },
      { id: 'about', icon: Info },
    ],
  },
]

/** The section of this name, if there is one. */
export function sectionNamed(name: string): SectionId | undefined {
  for (const group of GROUPS) {
    const found = group.entries.find((entry) => entry.id === name)
    if (found !== undefined) return found.id
  }
  return undefined
}
