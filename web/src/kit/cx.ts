// Class names put together.
export { clsx as cx } from 'clsx'
