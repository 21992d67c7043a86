import { JobClaimedError } from '../../operating/operator.ts'
import { actionCommand } from '../action-command.ts'

export const discard = actionCommand({
  name: 'discard',
  description: 'delete jobs that are ready, scheduled, blocked or failed',
  doing: 'Discarding',
  done: 'discarded',
  states: ['ready', 'scheduled', 'blocked', 'failed'],
  destructive: true,
  one: async (queue, id) => {
    try {
      return (await queue.discard(id)) ? 'discarded' : null
    } catch (error) {
      if (!(error instanceof JobClaimedError)) throw error
      console.error(error.message)
      return null
    }
  },
  page: (queue, selection, options) => queue.discardAll(selection, options),
})
