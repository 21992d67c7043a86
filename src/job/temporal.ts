import type SuperJSON from 'superjson'

/** What each kind of Temporal value can do (https://tc39.es/proposal-temporal): be a text, and come back from it. */
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

/** The classes that this runtime has; none where it has no Temporal. */
function temporalClasses(): [string, TemporalClass][] {
  const { Temporal } = globalThis as unknown as { Temporal?: Readonly<Record<string, TemporalClass>> }
  return kinds.flatMap((kind) => (Temporal?.[kind] ? [[`Temporal.${kind}`, Temporal[kind]]] : []))
}

/** Whether it is a Temporal value. */
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
