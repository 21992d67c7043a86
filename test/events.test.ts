import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { consoleLogger, Emitter, hookIssues } from '../src/events.ts'

const started = { actor: 'work' }

function setUp(hooks: ConstructorParameters<typeof Emitter>[1] = {}) {
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  return { logger, emitter: new Emitter(logger, hooks) }
}

test('hooks of an event are told, those of the definition first, until they are removed', () => {
  const told: string[] = []
  const { emitter } = setUp({ 'tick.started': () => void told.push('definition') })
  const remove = emitter.on('tick.started', () => void told.push('added'))

  emitter.emit('tick.started', started)
  remove()
  emitter.emit('tick.started', started)

  expect(told).toEqual(['definition', 'added', 'definition'])
})

test('a hook that throws or rejects is logged, and the others are told', async () => {
  const told = vi.fn()
  const { emitter, logger } = setUp({
    'tick.started': () => {
      throw new Error('at once')
    },
  })
  emitter.on('tick.started', async () => {
    throw new Error('later')
  })
  emitter.on('tick.started', told)

  emitter.emit('tick.started', started)

  await vi.waitFor(() => expect(logger.error).toHaveBeenCalledTimes(2))
  expect(told).toHaveBeenCalledWith(started)
})

test('each event is logged at its level', () => {
  const { emitter, logger } = setUp()
  const job = { id: '1', task: 't', queue: 'q', attempt: 1, invocationId: 'p' }

  emitter.emit('job.stale', job)
  emitter.emit('job.released', job)

  expect(logger.warn).toHaveBeenCalledWith(job, 'job.stale')
  expect(logger.debug).toHaveBeenCalledWith(job, 'job.released')
})

test('the console has one line of JSON a message, with errors that can be read', () => {
  const write = vi.spyOn(console, 'error').mockImplementation(() => {})

  consoleLogger.error({ error: new TypeError('no') }, 'failed')

  expect(JSON.parse(write.mock.calls[0]?.[0] as string)).toEqual({
    level: 'error',
    time: expect.any(String),
    message: 'failed',
    error: { name: 'TypeError', message: 'no' },
  })
  write.mockRestore()
})

const nasty = 'a\n{"level":"info"}\u001b[2J\u0085\u009b2J\u009d\u061c\u200e\u202e\u2066\u2028\u2029'

test.each(['info', 'warn', 'error'] as const)('a line of the console stays one, whatever is in it (%s)', (level) => {
  const method = level === 'info' ? 'log' : level
  const write = vi.spyOn(console, method).mockImplementation(() => {})
  onTestFinished(() => write.mockRestore())

  consoleLogger[level]({ error: new Error(nasty), [nasty]: nasty }, nasty)

  const line = write.mock.calls[0]?.[0] as string
  expect(line).toMatch(/^[\u0020-\u007e]+$/)
  expect(JSON.parse(line)).toMatchObject({ message: nasty, error: { message: nasty }, [nasty]: nasty })
})

test('a hook of no event, and one that is no function, are refused; an undefined one is none', () => {
  const { emitter } = setUp({ 'tick.started': undefined })

  emitter.emit('tick.started', started)

  expect(() => emitter.on('job.finished' as never, () => {})).toThrow(
    /on\.job\.finished: is not known; there are .*job\.succeeded/,
  )
  expect(() => emitter.on('job.started', 'log' as never)).toThrow('on.job.started: "log"; use a function')
  expect(hookIssues({ 'job.failed': 5 as never, 'job.done': () => {} } as never)).toHaveLength(2)
})

test('a tick that waits no longer for a hook leaves those of a tick beside it to that tick', async () => {
  const { emitter, logger } = setUp({ 'tick.started': () => new Promise<void>(() => {}) })
  let reported = false
  emitter.on('tick.finished', async () => {
    await setTimeout(100)
    reported = true
  })
  emitter.emit('tick.started', started)
  const one = emitter.hooksEnded(30)
  await setTimeout(10)
  emitter.emit('tick.finished', { actor: 'work', report: {} })

  await one
  await emitter.hooksEnded(5000)

  expect(reported).toBe(true)
  expect(logger.warn).toHaveBeenCalledTimes(1)
})
