import { sqlite } from '../../src/drivers/sqlite.ts'
import { type Crew, raceLimits } from './limits.ts'

async function race({ file, crew }: { file: string; crew: Crew }): Promise<void> {
  const driver = sqlite(file)
  const seen = await raceLimits(driver, crew)
  await driver.close()
  process.send?.(seen, () => process.disconnect())
}

process.once('message', (order: { file: string; crew: Crew }) => void race(order))
