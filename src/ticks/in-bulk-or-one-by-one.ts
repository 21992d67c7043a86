import { isRefused } from './refused.ts'

/**
 * Acts on all items in one batch. If the database refuses the batch, acts on each item in a batch of its own, so that
 * one bad item does not stop the others.
 *
 * @param refused called for each item that is refused in a batch of its own
 * @returns the answer of each batch that was not refused, in order
 * @throws what `act` throws, save for a refusal
 */
export async function inBulkOrOneByOne<T, Answer>(
  all: readonly T[],
  act: (some: readonly T[]) => Promise<Answer>,
  refused: (one: T, error: unknown) => void,
): Promise<Answer[]> {
  try {
    return [await act(all)]
  } catch (error) {
    if (!isRefused(error)) throw error
    const [only, ...others] = all
    if (only !== undefined && others.length === 0) {
      refused(only, error)
      return []
    }
  }
  const answers: Answer[] = []
  for (const one of all)
    try {
      answers.push(await act([one]))
    } catch (error) {
      if (!isRefused(error)) throw error
      refused(one, error)
    }
  return answers
}
