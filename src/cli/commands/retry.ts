import { actionCommand } from '../action-command.ts'

export const retry = actionCommand({
  name: 'retry',
  description: 'run failed jobs again, with all their attempts',
  doing: 'Retrying',
  done: 'retried',
  states: ['failed'],
  destructive: false,
  one: async (queue, id) => ((await queue.retry(id)) ? 'retried' : null),
  page: (queue, { state: _, ...filter }, options) => queue.retryAll(filter, options),
})
