import { actionCommand } from '../action-command.ts'

export const retry = actionCommand({
  name: 'retry',
  description: 'run failed jobs again, with all their attempts',
  doing: 'Retrying',
  done: 'retried',
  states: ['failed'],
  destructive: false,
  one: async (jobs, id) => ((await jobs.retry(id)) ? 'retried' : null),
  all: (jobs, { state: _, ...filter }, options) => jobs.retryAll(filter, options),
})
