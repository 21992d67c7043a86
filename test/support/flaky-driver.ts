import { DatabaseError, type Driver } from '../../src/dialects/driver.ts'

/** Counts the batches that are sent through a driver. */
export function counted(driver: Driver): Driver & { readonly batches: number } {
  let batches = 0
  return {
    ...driver,
    get batches() {
      return batches
    },
    batch(statements) {
      batches += 1
      return driver.batch(statements)
    },
  }
}

/** A driver that loses so many answers after the first ones: each batch is committed, and then fails as `unknown`. */
export function losingAnswers(driver: Driver, { times, after = 0 }: { times: number; after?: number }): Driver {
  let left = times
  let first = after
  return {
    ...driver,
    async batch(statements) {
      const results = await driver.batch(statements)
      if (left === 0 || first > 0) {
        first -= 1
        return results
      }
      left -= 1
      throw new DatabaseError('unknown', new Error('the answer was lost'))
    },
  }
}

/** A driver with which something happens between its first batch, or the one of that number, and the answer; what that throws is the answer. */
export function interrupted(
  driver: Driver,
  act: () => Promise<unknown>,
  { batch = 1 }: { batch?: number } = {},
): Driver {
  let sent = 0
  return {
    ...driver,
    async batch(statements) {
      const results = await driver.batch(statements)
      sent += 1
      if (sent === batch) await act()
      return results
    },
  }
}

/** A driver that refuses everything after its first `allowed` batches, as when a table is gone. */
export function refusing(driver: Driver, { allowed }: { allowed: number }): Driver {
  let left = allowed
  return {
    ...driver,
    async batch(statements) {
      left -= 1
      if (left < 0) throw new DatabaseError('other', new Error('the database refused'))
      return driver.batch(statements)
    },
  }
}

/** A driver that takes parameters of so many bytes at most, as D1 does and its local form does not. */
export function takingAtMost(maxBytes: number, driver: Driver): Driver {
  return refusingTexts(driver, (text) => Buffer.byteLength(text) > maxBytes)
}

/** A driver that refuses each batch with such a parameter. */
export function refusingTexts(driver: Driver, refused: (text: string) => boolean): Driver {
  return {
    ...driver,
    async batch(statements) {
      const parameters = statements.flatMap((statement) => statement.parameters)
      if (parameters.some((parameter) => typeof parameter === 'string' && refused(parameter)))
        throw new DatabaseError('other', new Error('string or blob too big'))
      return driver.batch(statements)
    },
  }
}

/** A driver whose first claim fails as `unknown`, and comes to the database only when `arrive` is called. */
export function delayingFirstClaim(
  driver: Driver,
  before: (batch: number) => Promise<void> = async () => {},
): Driver & { arrive(): Promise<void> } {
  let late: Parameters<Driver['batch']>[0] | null = null
  let batches = 0
  return {
    ...driver,
    async batch(statements) {
      if (!late && statements.some(({ sql }) => /insert into \S*claimed_executions/.test(sql))) {
        late = statements
        throw new DatabaseError('unknown', new Error('the connection broke'))
      }
      if (late) await before((batches += 1))
      return driver.batch(statements)
    },
    async arrive() {
      await driver.batch(late ?? [])
    },
  }
}
