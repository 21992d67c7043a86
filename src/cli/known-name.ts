import { closestMatch } from 'leven'
import { UsageError } from './usage-error.ts'

/** @throws UsageError naming the nearest name when no task, or queue, has this one */
export function requireKnown(kind: 'task' | 'queue', name: string, names: Iterable<string>): void {
  const known = [...names]
  if (known.includes(name)) return
  throw new UsageError(`There is no ${kind} "${name}". ${didYouMean(name, known)}`)
}

/** Names the nearest name, or, where none is near, all. */
export function didYouMean(name: string, known: readonly string[]): string {
  const nearest = closestMatch(name, known, { maxDistance: Math.max(2, Math.floor(name.length / 3)) })
  return nearest === undefined ? `There are: ${known.join(', ')}.` : `Did you mean "${nearest}"?`
}
