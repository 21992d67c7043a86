import { actionCommand } from '../action-command.ts'

export const cancel = actionCommand({
  name: 'cancel',
  description: 'stop jobs for good; one that is performed hears of it within 10 s',
  doing: 'Cancelling',
  done: 'cancelled',
  states: ['ready', 'scheduled', 'blocked', 'claimed'],
  destructive: true,
  one: async (jobs, id) => {
    const how = await jobs.cancel(id)
    return how === 'requested' ? 'asked to stop' : how
  },
  all: (jobs, selection, options) => jobs.cancelAll(selection, options),
})
