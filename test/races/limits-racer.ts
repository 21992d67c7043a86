import { sqlite } from '../../src/drivers/sqlite.ts'
import { type Crew, raceLimits } from './limits.ts'

process.once('message', async ({ file, crew }: { file: string; crew: Crew }) => {
  const driver = sqlite(file)
  const seen = await raceLimits(driver, crew)
  await driver.close()
  process.send?.(seen, () => process.disconnect())
})
