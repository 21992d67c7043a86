import type SuperJSON from 'superjson'

/** A kind of Temporal value (https://tc39.es/proposal-temporal): it becomes a text, and is read from it. */
interface TemporalClass {
  new (...args: never): { toString(): string }
  from(text: string): { toString(): string }
}

const kinds = [
  'Instant',
  'ZonedDateTime',
  'PlainDateTime',
  'PlainDate',
  'PlainTime',
  'PlainYearMonth',
  'PlainMonthDay',
  'Duration',
] as const

/** The Temporal classes of this runtime; none where it has no Temporal. */
function temporalClasses(): [string, TemporalClass][] {
  const { Temporal } = globalThis as unknown as { Temporal?: Readonly<Record<string, TemporalClass>> }
  return kinds.flatMap((kind) => (Temporal?.[kind] ? [[`Temporal.${kind}`, Temporal[kind]]] : []))
}

export function isTemporal(value: object): boolean {
  return temporalClasses().some(([, Class]) => value instanceof Class)
}

/** Teaches a serializer the Temporal values of this runtime. */
export function registerTemporal(serializer: SuperJSON): void {
  for (const [name, Class] of temporalClasses())
    serializer.registerCustom(
      {
        isApplicable: (value): value is InstanceType<TemporalClass> => value instanceof Class,
        serialize: String,
        deserialize: (text) => Class.from(text),
      },
      name,
    )
}
