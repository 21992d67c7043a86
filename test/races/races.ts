import { claimRaces } from './claims.ts'
import { lossRaces } from './losses.ts'
import { operatorRaces } from './operators.ts'
import type { Connect } from './racers.ts'
import { storeRaces } from './stores.ts'

/** The races of any database that several reach at once. */
export function races(connect: Connect): void {
  claimRaces(connect)
  lossRaces(connect)
  operatorRaces(connect)
  storeRaces(connect)
}
