import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { newFolder } from './folders.ts'

/**
 * A config in a file of its own.
 *
 * @param tasks source text of tasks; `task` and `FinalError` are imported
 * @param queue source text of more options of `defineQueue`; `d1`, `pg` and `sqlite` are imported
 * @param connect source text of a connection, where it is not that of the queue; which, unless `queue` says otherwise,
 *   is that of `DATABASE_URL`
 */
export function configOf(tasks: string, { queue = '', connect }: { queue?: string; connect?: string } = {}): string {
  const file = join(newFolder(), 'steadytick.config.ts')
  writeFileSync(
    file,
    `import { defineConfig } from '${resolve('src/cli/config.ts')}'
    import { defineQueue, FinalError, task } from '${resolve('src/index.ts')}'
    import { d1 } from '${resolve('src/drivers/d1.ts')}'
    import { pg } from '${resolve('src/drivers/pg.ts')}'
    import { sqlite } from '${resolve('src/drivers/sqlite.ts')}'
    export default defineConfig({
      jobs: defineQueue({
        tasks: [${tasks}],
        connect: ({ DATABASE_URL: url }) => ({ driver: url.startsWith('file:') ? sqlite(url.slice(5)) : pg(url) }),
        ${queue}
      }),
      ${connect === undefined ? '' : `connect: () => (${connect}),`}
    })`,
  )
  return file
}
