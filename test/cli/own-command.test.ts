import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import { newFolder } from '../support/folders.ts'
import { newUserFolder } from '../support/user-folder.ts'

const run = promisify(execFile)

test('a command that is installed globally is that of the project, with its drivers', async () => {
  const global = await newUserFolder()
  const project = await newUserFolder(['pg'])
  const manifest = join(project, 'node_modules/steadytick/package.json')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"version": "[^"]*"/, '"version": "99.0.0"'))
  writeFileSync(
    join(project, 'steadytick.config.js'),
    `import { defineQueue } from 'steadytick'
    import { defineConfig } from 'steadytick/config'
    import { pg } from 'steadytick/pg'
    const connect = ({ DATABASE_URL }) => ({ driver: pg(DATABASE_URL, { schema: 'nowhere' }) })
    export default defineConfig({ jobs: defineQueue({ tasks: [], connect }), perform: [] })`,
  )
  mkdirSync(join(project, 'within'))
  const command = (cwd: string, ...args: readonly string[]) =>
    run(process.execPath, [join(global, 'node_modules/steadytick/dist/cli/steadytick.js'), ...args], {
      cwd,
      env: { ...process.env, DATABASE_URL: inject('postgresUrl') },
    }).catch((error: { stdout: string; stderr: string }) => error)

  expect((await command(newFolder(), '--version')).stdout).not.toBe('99.0.0\n')
  expect((await command(join(project, 'within'), '--version')).stdout).toBe('99.0.0\n')
  expect((await command(newFolder(), 'jobs', '--config', join(project, 'steadytick.config.js'))).stderr).toMatch(
    /^SchemaError: Postgres \S+ has no tables of the queue in the schema "nowhere"\. Run `steadytick migrate`\.\n$/,
  )
})

test('a Tab does not hand over: it runs no code of the folder', async () => {
  const global = await newUserFolder()
  const project = await newUserFolder()
  const touched = join(project, 'touched')
  writeFileSync(
    join(project, 'node_modules/steadytick/dist/cli/steadytick.js'),
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(touched)}, '')`,
  )
  const command = (...args: readonly string[]) =>
    run(process.execPath, [join(global, 'node_modules/steadytick/dist/cli/steadytick.js'), ...args], { cwd: project })

  const { stdout } = await command('complete', '--', 'mig')
  const before = existsSync(touched)
  await command('--version')

  expect(stdout).toMatch(/^migrate/m)
  expect([before, existsSync(touched)]).toEqual([false, true])
})
