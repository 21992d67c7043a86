import { actionCommand } from '../action-command.ts'

export const runNow = actionCommand({
  name: 'run-now',
  description: 'run scheduled jobs now, whenever they are due',
  doing: 'Making ready',
  done: 'made ready',
  states: ['scheduled'],
  destructive: false,
  one: async (jobs, id) => ((await jobs.runNow(id)) ? 'made ready' : null),
  all: (jobs, { state: _, ...filter }, options) => jobs.runAllNow(filter, options),
})
