import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { DeserializationError, PayloadError } from '../../src/index.ts'
import { PayloadCodec } from '../../src/job/payload.ts'

const source = new URL('../../src/job/payload.ts', import.meta.url).href

const texts = {
  Instant: '2026-03-29T01:00:00.000000001Z',
  ZonedDateTime: '2026-03-29T03:00:00+02:00[Europe/Berlin]',
  PlainDateTime: '2026-03-29T03:00:00',
  PlainDate: '2026-03-29',
  PlainTime: '03:00:00',
  PlainYearMonth: '2026-03',
  PlainMonthDay: '03-29',
  Duration: 'P1DT2H',
}

test('Temporal values come back as they were, where the runtime has them', async () => {
  const script = `
    const { PayloadCodec } = await import(${JSON.stringify(source)})
    const codec = new PayloadCodec()
    const values = Object.entries(${JSON.stringify(texts)}).map(([kind, text]) => Temporal[kind].from(text))
    const { json, meta } = codec.encode(values)
    const back = await codec.decode(json, meta)
    console.log(JSON.stringify({ json, meta, kinds: back.map((value) => value.constructor.name), texts: back.map(String) }))`

  const { stdout } = await promisify(execFile)(process.execPath, [
    '--harmony-temporal',
    '--input-type=module',
    '--eval',
    script,
  ])

  const { json, meta, ...back } = JSON.parse(stdout) as { json: string; meta: string; kinds: unknown; texts: unknown }
  expect(JSON.parse(json)).toEqual(Object.values(texts))
  expect(back).toEqual({ kinds: Object.keys(texts), texts: Object.values(texts) })
  // This process has no Temporal: it cannot read them, and does not make texts of them.
  await expect(new PayloadCodec().decode(json, meta)).rejects.toThrow(DeserializationError)
})

test('an object that only looks like one is refused', () => {
  class Instant {
    readonly epochMilliseconds = 0
  }
  expect(() => new PayloadCodec().encode(new Instant())).toThrow(PayloadError)
})
