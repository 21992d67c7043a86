import { cancel } from '../../../src/transitions/cancel.ts'
import { discard } from '../../../src/transitions/discard.ts'
import { pause, resume } from '../../../src/transitions/pause.ts'
import { retry } from '../../../src/transitions/retry.ts'
import { runNow } from '../../../src/transitions/run-now.ts'
import { type Case, twentyOf } from './case.ts'

export const operators: readonly Case[] = [
  { name: 'retry', of: (dialect) => retry(dialect, { ids: twentyOf('failed') }), max: 20, answers: 20 },
  { name: 'run now', of: (dialect) => runNow(dialect, { ids: twentyOf('scheduled') }), max: 20, answers: 20 },
  ...(['ready', 'scheduled', 'blocked', 'failed'] as const).flatMap((state): Case[] => [
    {
      name: `discard ${state}`,
      of: (dialect) => discard(dialect, { ids: twentyOf(state), state }),
      max: 20,
      answers: 20,
    },
    {
      name: `discard ${state}, of any state`,
      of: (dialect) => discard(dialect, { ids: twentyOf(state), state: null }),
      max: 20,
      answers: 20,
    },
  ]),
  {
    name: 'discard finished',
    of: (dialect) => discard(dialect, { ids: twentyOf('finished'), state: 'finished' }),
    max: 20,
    answers: 20,
  },
  ...(['ready', 'scheduled', 'blocked', 'claimed'] as const).flatMap((state): Case[] => [
    {
      name: `cancel ${state}`,
      of: (dialect) => cancel(dialect, { ids: twentyOf(state), state }),
      max: 20,
      answers: 20,
    },
    {
      name: `cancel ${state}, of any state`,
      of: (dialect) => cancel(dialect, { ids: twentyOf(state), state: null }),
      max: 20,
      answers: 20,
    },
  ]),
  { name: 'pause', of: (dialect) => pause(dialect, { queue: 'mail' }), max: 1, answers: 1 },
  { name: 'resume', of: (dialect) => resume(dialect, { queue: 'mail' }), max: 1, answers: 1, paused: 'mail' },
]
