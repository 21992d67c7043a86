import { JobClaimedError } from '../../manage/jobs.ts'
import { actionCommand } from '../action-command.ts'

export const discard = actionCommand({
  name: 'discard',
  description: 'delete jobs that are not being performed',
  doing: 'Discarding',
  done: 'discarded',
  states: ['ready', 'scheduled', 'blocked', 'failed', 'finished'],
  destructive: true,
  one: async (jobs, id) => {
    try {
      return (await jobs.discard(id)) ? 'discarded' : null
    } catch (error) {
      if (!(error instanceof JobClaimedError)) throw error
      console.error(error.message)
      return null
    }
  },
  all: (jobs, selection, options) => jobs.discardAll(selection, options),
})
