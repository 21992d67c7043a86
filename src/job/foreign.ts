const foreign = new WeakSet<object>()

/**
 * Marks a value as data of others, such as JSON that the HTTP API or the command line was sent: a model's predicate is
 * never asked about it. Else its sender would choose which row a job loads.
 */
export function asForeign<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) foreign.add(value)
  return value
}

/** Whether a value was marked as data of others. */
export const isForeign = (value: unknown): boolean => typeof value === 'object' && value !== null && foreign.has(value)
