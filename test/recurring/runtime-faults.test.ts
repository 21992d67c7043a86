import { CronExpressionParser } from 'cron-parser'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readCron } from '../../src/recurring/cron.ts'
import { timeZoneIssue } from '../../src/recurring/time-zone.ts'

const fault = () => {
  throw new TypeError("Cannot read properties of undefined (reading 'DateTime')")
}

test('a fault of the runtime is no wrong time zone', () => {
  const format = vi.spyOn(Intl, 'DateTimeFormat').mockImplementation(fault)
  onTestFinished(() => format.mockRestore())

  expect(() => timeZoneIssue('Europe/Madrid')).toThrow(TypeError)
  format.mockRestore()
  expect(timeZoneIssue('Europe/Atlantis')?.message).toMatch(/is no time zone/)
})

test('a fault of cron-parser is no wrong schedule', () => {
  const parse = vi.spyOn(CronExpressionParser, 'parse').mockImplementation(fault)
  onTestFinished(() => parse.mockRestore())

  expect(() => readCron('0 8 * * *')).toThrow(TypeError)
  parse.mockRestore()
  expect(readCron('0 8 31 2 *')).toMatch(/no such day/)
})
