import type { StoredJob } from '../../transitions/find.ts'
import { jobJson } from '../../job-json.ts'
import { reporting, type ReportOptions } from '../command.ts'
import { noSuchJob } from '../no-such-job.ts'
import { withQueue } from '../open.ts'
import { fields, instantText, plain, report, stateText, styled } from '../report.ts'
import { idOf, wholeId } from '../shortened-id.ts'
import { manage } from '../../manage/index.ts'

export const job = reporting('job', 'show a job')
  .argument('<id>', 'its id, or the beginning of it', idOf)
  .action((id: string, options: ReportOptions) =>
    withQueue(options, async ({ queue }) => {
      const whole = await wholeId(queue, id)
      const found = whole && (await manage(queue).jobs.find(whole))
      if (!found) noSuchJob(id)
      else report(options, jobJson(found), () => shown(found))
    }),
  )

function shown(found: StoredJob): string {
  const { state, outcome, errors, result, progress, retriedAt } = found
  const known = fields([
    ['id', found.id],
    ['state', outcome === null ? stateText(state) : `${stateText(state)}, ${outcome}`],
    ['task', plain(found.task)],
    ['queue', plain(found.queue)],
    ['priority', String(found.priority)],
    ['attempts', `${found.attempts} of ${found.maxAttempts}`],
    ['losses', found.losses === 0 ? null : String(found.losses)],
    ['enqueued', instantText(found.enqueuedAt)],
    ['due', instantText(found.scheduledAt)],
    ['retried', instantText(found.retriedAt)],
    ['started', instantText(found.startedAt)],
    ['finished', instantText(found.finishedAt)],
    ['recurring', found.recurring && plain(`${found.recurring.key}, ${found.recurring.runAt.toISOString()}`)],
    ['invocation', found.invocationId],
    ['payload', plain(JSON.stringify(found.payload))],
    ['progress', progress === null ? null : plain(JSON.stringify(progress))],
    ['result', result === null ? null : plain(result)],
  ])
  const shownErrors = errors.map(({ attempt, name, message, stack, at: instant }) => {
    const before = retriedAt !== null && instant <= retriedAt ? 'before it was retried: ' : ''
    return `\n${styled('red', `${before}attempt ${attempt}, ${instant.toISOString()}`)}\n${plain(`${name}: ${message}`)}${stackText(stack)}`
  })
  return [known, ...shownErrors].join('\n')
}

const stackText = (stack: string | null): string =>
  (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+(at|\[\d\]) /.test(line))
    .map((line) => `\n    ${plain(line).trim()}`)
    .join('')
