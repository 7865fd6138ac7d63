// Light or dark, and how large the text is: kept in this browser, in force at once.
import { RadioCards } from '@kit'
import { keep, kept } from '@lib/storage'
import { useState } from 'react'
import { Pane } from './pane'
import { words } from './words'

const text = words.appearance
const SCHEMES = ['system', 'light', 'dark'] as const
const SIZES = ['small', 'normal', 'large'] as const

export function Appearance() {
  const [scheme, setScheme] = useKept('appearance', SCHEMES, 'system')
  const [size, setSize] = useKept('text-size', SIZES, 'normal')
  return (
    <Pane title={words.sections.appearance} intro={text.intro}>
      <RadioCards
        label={text.scheme}
        value={scheme}
        showLabel
        onValueChange={setScheme}
        options={SCHEMES.map((value) => ({ value, label: text[value].label, description: text[value].about }))}
      />
      <RadioCards
        label={text.size}
        value={size}
        showLabel
        onValueChange={setSize}
        options={SIZES.map((value) => ({ value, label: text[value].label, description: text[value].about }))}
      />
    </Pane>
  )
}

/** A choice kept in this browser and told to the style sheet as a data attribute; the usual one needs none. */
function useKept<T extends string>(name: 'appearance' | 'text-size', choices: readonly T[], usual: T) {
  const [chosen, setChosen] = useState<T>(() => choices.find((choice) => choice === kept<string>(name, usual)) ?? usual)
  const choose = (value: T) => {
    setChosen(value)
    keep(name, value === usual ? undefined : value)
    if (value === usual) document.documentElement.removeAttribute(`data-${name}`)
    else document.documentElement.setAttribute(`data-${name}`, value)
  }
  return [chosen, choose] as const
}
