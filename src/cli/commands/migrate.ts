import { migrate as apply, migrationsOf, schemaVersionOf } from '../../migrate.ts'
import { Option } from 'commander'
import type { Driver } from '../../dialects/driver.ts'
import { command, type CommandOptions } from '../command.ts'
import { using } from '../database.ts'
import { openDatabaseOnly } from '../open.ts'
import { UsageError } from '../usage-error.ts'

interface MigrateOptions extends CommandOptions {
  readonly status?: boolean
  readonly print?: boolean
}

export const migrate = command('migrate', 'create or update the tables')
  .addOption(new Option('--status', 'only show which migrations are applied').conflicts('print'))
  .addOption(new Option('--print', 'only print the SQL'))
  .action(run)

async function run({ status = false, print = false, ...options }: MigrateOptions): Promise<void> {
  const database = await openDatabaseOnly(options)
  const { label } = database
  const { driver } = database.connection
  try {
    if (print) {
      for (const { name, statements } of migrationsOf(driver)) console.log(`-- ${name}\n${statements.join(';\n\n')};\n`)
      return
    }
    await using(database, () => (status ? show(driver, label) : bringUpToDate(driver, label)))
  } finally {
    await driver.close()
  }
}

async function show(driver: Driver, label: string): Promise<void> {
  const version = await schemaVersionOf(driver)
  console.log(`${label}: schema ${version}`)
  for (const migration of migrationsOf(driver))
    console.log(`${migration.version <= version ? 'applied' : 'missing'}  ${migration.name}`)
}

async function bringUpToDate(driver: Driver, label: string): Promise<void> {
  // Its own command keeps a list of what it applied, and would apply it once more.
  if (driver.migratedBy !== 'steadytick migrate')
    throw new UsageError(`${label} has a command of its own. Run \`${driver.migratedBy}\`.`)
  const applied = await apply(driver)
  for (const name of applied) console.log(`applied  ${name}`)
  console.log(applied.length === 0 ? `${label} is up to date.` : `${label} is ready.`)
}
