// Before the first paint: the appearance and the text size the reader chose, so that nothing flashes.
;(() => {
  const chosen = (name, values) => {
    try {
      const value = JSON.parse(localStorage.getItem(`deskhand.${name}`) ?? 'null')
      return values.includes(value) ? value : undefined
    } catch {
      // A browser that keeps nothing shows the system's appearance.
      return undefined
    }
  }
  const root = document.documentElement.dataset
  const appearance = chosen('appearance', ['light', 'dark'])
  if (appearance !== undefined) root.appearance = appearance
  const size = chosen('text-size', ['small', 'large'])
  if (size !== undefined) root.textSize = size
})()
