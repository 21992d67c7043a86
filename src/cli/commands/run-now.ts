import { actionCommand } from '../action-command.ts'

export const runNow = actionCommand({
  name: 'run-now',
  description: 'run scheduled jobs now, whenever they are due',
  doing: 'Making ready',
  done: 'made ready',
  states: ['scheduled'],
  destructive: false,
  one: async (queue, id) => ((await queue.runNow(id)) ? 'made ready' : null),
  page: (queue, { state: _, ...filter }, options) => queue.runAllNow(filter, options),
})
