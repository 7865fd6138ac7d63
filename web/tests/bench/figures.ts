// Figures and how they are printed: each beside its budget and beside what the machine can do at all.

/** One line of the result. */
export interface Figure {
  readonly what: string
  readonly measured: string
  readonly budget: string
  /** The same without our doing, measured in the same run. */
  readonly floor: string
  readonly holds: boolean
}

/** The value below which this share of all values lies. */
export function share(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`

/** Prints the figures as a table. */
export function print(figures: readonly Figure[]): void {
  const rows = [
    ['what', 'measured', 'budget', 'floor', ''],
    ...figures.map((figure) => [figure.what, figure.measured, figure.budget, figure.floor, figure.holds ? 'holds' : 'MISSED']),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd())
}
