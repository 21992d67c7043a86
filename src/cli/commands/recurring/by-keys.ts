import type { Command } from 'commander'
import { StaticRecurringTaskError } from '../../../manage/recurring-errors.ts'
import type { Queue } from '../../../queue.ts'
import { reporting, type ReportOptions } from '../../command.ts'
import { confirm } from '../../confirm.ts'
import { exitCodes } from '../../exit-codes.ts'
import { withQueue } from '../../open.ts'
import { plain, report } from '../../report.ts'
import { manage } from '../../../manage/index.ts'

export const enable = ofKeys('enable', 'let recurring tasks occur again, from now on', {
  change: (queue, key) => manage(queue).recurring.enable(key),
  done: 'enabled',
  otherwise: 'was enabled already',
})

export const disable = ofKeys('disable', 'let recurring tasks not occur until they are enabled, whatever is deployed', {
  change: (queue, key) => manage(queue).recurring.disable(key),
  done: 'disabled',
  otherwise: 'was disabled already',
})

export const remove = ofKeys('delete', 'delete recurring tasks that were created at run time; their jobs stay', {
  change: (queue, key) => manage(queue).recurring.delete(key),
  done: 'deleted',
  otherwise: 'was deleted already',
  question: (keys) => `Delete ${keys.map((key) => `"${plain(key)}"`).join(', ')}? It cannot be taken back.`,
})

interface Change {
  change(queue: Queue, key: string): Promise<boolean>
  readonly done: string
  readonly otherwise: string
  /** The question before a change that cannot be undone, about the keys that no definition has. */
  readonly question?: (keys: readonly string[]) => string
}

function ofKeys(verb: string, description: string, { change, done, otherwise, question }: Change): Command {
  const made = reporting(verb, description).argument('<keys...>', 'their keys')
  if (question) made.option('-y, --yes', 'do not ask')
  return made.action((keys: readonly string[], options: ReportOptions & { yes?: boolean }) =>
    withQueue(options, async ({ queue }) => {
      const found = await Promise.all(keys.map((key) => manage(queue).recurring.find(key)))
      const known = new Set(found.map((each) => each?.key))
      // Keys of a definition are refused, whatever the answer, so the question leaves them out.
      const concerned = found.flatMap((each) => (each && (!each.static || each.removedAt !== null) ? each.key : []))
      if (question && options.yes !== true && concerned.length > 0) await confirm(question(concerned), 'say --yes')
      const said: { key: string; changed: boolean; text: string }[] = []
      for (const key of keys) {
        if (!known.has(key)) {
          said.push({ key, changed: false, text: 'is not there' })
          process.exitCode = exitCodes.nothing
          continue
        }
        try {
          const changed = await change(queue, key)
          said.push({ key, changed, text: changed ? done : otherwise })
        } catch (error) {
          if (!(error instanceof StaticRecurringTaskError)) throw error
          said.push({
            key,
            changed: false,
            text: 'comes from a definition: remove it there, and wait an hour, or disable it',
          })
          process.exitCode = exitCodes.nothing
        }
      }
      report(
        options,
        said.map(({ key, changed }) => ({ key, changed })),
        () => said.map(({ key, text }) => `${plain(key)}  ${text}`).join('\n'),
      )
    }),
  )
}
