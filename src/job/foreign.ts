const foreign = new WeakSet<object>()

/**
 * Marks a value and all that is in it as data of others, such as JSON that the HTTP API or the command line was sent. A
 * model's predicate is never asked about such a value, since its sender would choose which row a job loads.
 *
 * @param value the result of JSON.parse
 */
export function asForeign<Value>(value: Value): Value {
  // A list, and no recursion: deeply nested data would exhaust the stack.
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next !== 'object' || next === null) continue
    foreign.add(next)
    for (const item of Object.values(next)) left.push(item)
  }
  return value
}

/** Whether a value was marked as data of others. */
export const isForeign = (value: object): boolean => foreign.has(value)
