import { readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { configOf } from '../support/config-file.ts'
import { steadytick } from '../support/steadytick.ts'
import { onTerminal } from '../support/terminal.ts'
import { fill } from '../plans/fill.ts'

const total = 100_000

/** Resident memory of a process in MiB, twenty times a second while it runs. */
function watchMemory(): { watch: (pid: number) => void; mib: number[] } {
  const mib: number[] = []
  const watch = (pid: number) => {
    const timer = setInterval(() => {
      try {
        const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        if (kib !== undefined) mib.push(Number(kib) / 1024)
      } catch {
        clearInterval(timer)
      }
    }, 50)
  }
  return { watch, mib }
}

test.each([
  ['retry', ['--all'], 'failed', 'Retrying', 'retried', { ready: total, failed: 0, jobs: total }],
  [
    'discard',
    ['--all', '--state', 'ready', '--yes'],
    'ready',
    'Discarding',
    'discarded',
    { ready: 0, failed: 0, jobs: 0 },
  ],
] as const)(
  '100,000 jobs: %s moves them batch by batch, with a bar, in flat memory',
  async (command, args, state, doing, done, after) => {
    const schema = `s${randomBytes(8).toString('hex')}`
    const config = configOf(`task('deliver')`, {
      connect: `{ driver: pg('${inject('postgresUrl')}', { schema: '${schema}', prefix: 'steadytick_' }) }`,
    })
    await steadytick(['migrate', '--config', config])
    const client = new Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    onTestFinished(async () => {
      await client.query(`drop schema ${schema} cascade`)
      await client.end()
    })
    await client.query(`set search_path to ${schema}`)
    const none = { finished: 0, failed: 0, claimed: 0, ready: 0, scheduled: 0, blocked: 0 }
    for (const sql of fill('postgres', { ...none, [state]: total }, 'varied')) await client.query(sql)
    const { watch, mib } = watchMemory()

    const begun = Date.now()
    const { code, screen } = await onTerminal([command, ...args, '--config', config], {
      watch,
      // A heap that has no room for what was moved: what is done with is given back, or the command dies.
      env: { NODE_OPTIONS: '--max-semi-space-size=1 --max-old-space-size=32' },
    })
    const tookMs = Date.now() - begun

    const { rows } = await client.query(`select (select count(*)::int from steadytick_ready_executions) as ready,
    (select count(*)::int from steadytick_failed_executions) as failed, (select count(*)::int from steadytick_jobs) as jobs`)
    expect([code, rows]).toEqual([0, [after]])
    expect(screen).toMatch(new RegExp(`${doing} .* 100000 of 100000[^]*100,000 jobs ${done}\\.`))
    // The batches are seen on the bar.
    expect(new Set(screen.match(/\d+(?= of 100000)/g)).size).toBeGreaterThan(10)
    const [half = 0, end = 0] = [mib[Math.floor(mib.length / 2)], mib.at(-1)]
    process.stdout.write(
      `${command}: ${tookMs} ms; ${half.toFixed(0)} MiB half way, ${end.toFixed(0)} at the end, ${Math.max(...mib).toFixed(0)} at most\n`,
    )
    expect(end - half).toBeLessThan(32)
  },
)
