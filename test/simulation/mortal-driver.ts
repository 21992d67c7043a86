import { DatabaseError, type Driver } from '../../src/dialects/driver.ts'

/** What becomes of one batch, by its place in what an actor sends: null: nothing does. */
export type Fate = {
  readonly batch: number
  /** `dies…`: the process ends there, and nothing it would have sent comes after. */
  readonly how: 'answer lost' | 'dies before' | 'dies after'
} | null

/** The process that sent through a driver has died. */
export const death = 'the process died'

/** A driver of one process, which meets that fate. */
export function mortal(driver: Driver, fate: Fate): Driver {
  let sent = -1
  let dead = false
  const die = () => {
    dead = true
    throw new DatabaseError('other', new Error(death))
  }
  return {
    ...driver,
    async batch(statements) {
      if (dead) die()
      sent += 1
      const how = sent === fate?.batch ? fate.how : null
      if (how === 'dies before') die()
      const results = await driver.batch(statements)
      if (how === 'dies after') die()
      if (how === 'answer lost') throw new DatabaseError('unknown', new Error('the answer was lost'))
      return results
    },
    close: async () => {},
  }
}
