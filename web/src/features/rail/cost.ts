// What a task cost, where the settings know the price of its model.
import type { ModelPrice, Usage } from '@api'

/** An amount of money. */
export interface Cost {
  readonly amount: number
  /** Three letters, such as `USD`. */
  readonly currency: string
}

/** The cost of tokens read and written by one model; nothing where its price is not known. */
export function costOf(usage: Usage, model: string, prices: readonly ModelPrice[]): Cost | undefined {
  const price = prices.find((known) => known.model === model)
  if (price === undefined) return undefined
  const millionths =
    usage.input * price.input +
    usage.output * price.output +
    (usage.cache_read ?? 0) * price.cache_read +
    (usage.cache_write ?? 0) * price.cache_write
  return { amount: millionths / 1_000_000, currency: price.currency }
}

/** `$0.21`; sums below a cent are said as such, since `$0.00` would be untrue. */
export function money({ amount, currency }: Cost, locale?: string): string {
  if (amount > 0 && amount < 0.01) return `less than ${inCurrency(0.01, currency, locale)}`
  return inCurrency(amount, currency, locale)
}

function inCurrency(amount: number, currency: string, locale: string | undefined): string {
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount)
  } catch {
    // The settings may hold a word that is no currency code.
    return `${amount.toFixed(2)} ${currency}`
  }
}
