import { DatabaseError } from '../dialects/driver.ts'

/**
 * Does something to several at once, or, where the database refuses that, to each alone: what is wrong with one keeps no
 * other from it.
 *
 * @param refused told of each that is refused alone
 * @returns what was answered, in order
 */
export async function togetherOrAlone<T, Answer>(
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

const isRefused = (error: unknown): boolean => error instanceof DatabaseError && error.failure === 'other'
