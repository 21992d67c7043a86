import { migrate as apply, migrationsOf, schemaVersionOf } from '../../migrate.ts'
import { Option } from 'commander'
import type { Dialect } from '../../dialects/dialect.ts'
import { postgres } from '../../dialects/postgres/index.ts'
import { sqlite } from '../../dialects/sqlite/index.ts'
import type { Driver } from '../../dialects/driver.ts'
import { command, type CommandOptions } from '../command.ts'
import { using } from '../database.ts'
import { exitCodes } from '../exit-codes.ts'
import { openDatabaseOnly } from '../open.ts'
import { numberOf } from '../selection-options.ts'
import { UsageError } from '../usage-error.ts'

interface MigrateOptions extends CommandOptions {
  readonly status?: boolean
  readonly print?: boolean
  readonly dialect?: Dialect['name']
  readonly after?: number
}

const dialects = { postgres, sqlite }

export const migrate = command('migrate', 'create or update the tables')
  .addOption(new Option('--status', 'only show which migrations are applied').conflicts('print'))
  .addOption(new Option('--print', 'only print the SQL, for the migrations of another tool'))
  .addOption(
    new Option('--dialect <name>', 'with --print: open no database, and take the usual names of tables').choices(
      Object.keys(dialects),
    ),
  )
  .addOption(
    new Option('--after <version>', 'with --print: only what is newer than that schema').argParser(numberOf(0, 9999)),
  )
  .action(run)

async function run({ status, print, dialect, after, ...options }: MigrateOptions): Promise<void> {
  if (!print && (dialect !== undefined || after !== undefined))
    throw new UsageError('--dialect and --after say what to print. Give --print, too.')
  if (dialect !== undefined) return printAll(dialects[dialect](), after)
  const database = await openDatabaseOnly(options)
  const { label } = database
  const { driver } = database.connection
  try {
    if (print) return printAll(driver.dialect, after)
    await using(database, () => (status ? show(driver, label) : bringUpToDate(driver, label)))
  } finally {
    await driver.close()
  }
}

/** Drizzle's migrator on SQLite runs one statement of each part, and drops the rest. To other tools it is a comment. */
const breakpoint = ';\n--> statement-breakpoint\n'

function printAll(dialect: Dialect, after = 0): void {
  const newer = migrationsOf(dialect).filter(({ version }) => version > after)
  if (newer.length === 0) {
    console.error(`There is no migration after ${after}: this version of steadytick needs none.`)
    process.exitCode = exitCodes.nothing
    return
  }
  const texts = newer.flatMap(({ name, statements }) => [`-- ${name}\n${statements[0]}`, ...statements.slice(1)])
  console.log(`${texts.join(breakpoint)};`)
}

async function show(driver: Driver, label: string): Promise<void> {
  const version = await schemaVersionOf(driver)
  console.log(`${label}: schema ${version}`)
  for (const migration of migrationsOf(driver.dialect))
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
