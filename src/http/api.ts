import { Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Logger } from '../events.ts'
import { findStored } from '../find-stored.ts'
import type { Task } from '../job/contract.ts'
import type { DefinedTask } from '../job/defined-task.ts'
import type { Enqueued, Skipped } from '../job/enqueued.ts'
import { isJobId } from '../job/job-id.ts'
import { quote } from '../job/quote.ts'
import { jobJson } from '../job-json.ts'
import type { ExecutionContext } from '../connection.ts'
import type { Queue } from '../queue.ts'
import { runner } from '../transitions/run.ts'
import { answer, type Problem, problem } from './answer.ts'
import { explainErrors } from './explain-error.ts'
import { HealthChecks } from './health.ts'
import { askForHost } from './host.ts'
import { OpenQueues } from './open-queues.ts'
import { type ApiOptions, readOptions } from './options.ts'
import { readRequest } from './read-request.ts'
import { askForToken, forbidden, type Guarded } from './token.ts'

export type { Offer } from './offer.ts'
export type { ApiOptions } from './options.ts'
export type { Token } from './token.ts'

/** The parts of a queue's definition that the API needs. */
export interface ApiQueue<Env, Tasks extends readonly Task[] = readonly Task[]> {
  readonly tasks: ReadonlyMap<string, DefinedTask>
  /** The names of queues that are allowed; null: any. */
  readonly queues: ReadonlySet<string> | null
  readonly logger: Logger
  /** For types only. */
  readonly '~tasks'?: Tasks
  open(env: Env, ctx?: ExecutionContext): Queue
}

/**
 * The HTTP API, as a Hono app:
 * - `POST /api/jobs` with `{ task, payload, queue?, priority?, runAfter? }` → 201 `{ id, state, created }`; a list enqueues
 *   many. 200 where nothing was stored, since all were skipped: `{ id: null, state: 'skipped', heldBy }`.
 * - `GET /api/jobs/:id` → the job.
 * - `GET /healthz` → 200 when the database answers and its schema serves this code, else 503; 5 s old at most.
 *
 * An invalid request is answered with `application/problem+json`, which names each wrong field; then nothing was
 * stored.
 *
 * One queue is kept open for each environment, so give the same object with each request, such as `process.env`. On
 * Workers the queue is opened for each request, and closed after the answer.
 *
 * @example
 * export default { fetch: api(jobs, { token: (env) => env.API_TOKEN }).fetch }
 *
 * @throws ConfigurationError listing everything that is wrong with the options
 */
export function api<Env extends object, const Tasks extends readonly Task[] = readonly Task[]>(
  jobs: ApiQueue<Env, Tasks>,
  options: ApiOptions<Env, NoInfer<Tasks[number]['name']>>,
): Hono<{ Bindings: Env }> {
  const { tokens, access, hosts, stacks } = readOptions(jobs, options)
  const guard = tokens === null ? askForHost(hosts, access) : askForToken(tokens)
  const queues = new OpenQueues<Env>((env, ctx) => jobs.open(env, ctx))
  const checks = new HealthChecks<number | Problem>()
  const explain = explainErrors(jobs.logger)
  const app = new Hono<Guarded & { Bindings: Env }>()

  app.notFound((context) =>
    problem(context, { status: 404, code: 'NOT_FOUND', detail: `There is nothing at ${quote(context.req.path)}.` }),
  )
  app.onError((error, context) =>
    // The exception of a request without the right token brings its own answer.
    error instanceof HTTPException ? error.getResponse() : problem(context, explain(error, context)),
  )

  // Where no token is asked for, the host check keeps pages of strangers from looking at the health.
  app.get('/healthz', tokens === null ? guard : pass, async (context) => {
    const check = () =>
      queues
        .use(context, (queue) => queue.check())
        .then(
          ({ schemaVersion }) => schemaVersion,
          (error: unknown) => explain(error, context),
        )
    const health = await checks.of(queues.keyOf(context), { check, shared: queues.areShared(context) })
    return typeof health === 'number'
      ? answer(context, 200, { status: 'ok', schemaVersion: health })
      : problem(context, health)
  })

  app.post('/api/jobs', guard, async (context) => {
    const { look, offered } = context.get('access')
    if (!offered) return forbidden(context, 'enqueue')
    const requested = await readRequest(context, offered)
    if (requested instanceof Response) return requested
    const { calls, listed } = requested
    const [first] = calls
    const enqueued = await queues.use(context, async (queue) =>
      listed || !first ? queue.enqueueAll(calls) : [await queue.enqueue(first.task, first.payload)],
    )
    const status = enqueued.some(({ id }) => id !== null) ? 201 : 200
    const [one, ...others] = enqueued.map((each) => outcome(each, look))
    return answer(context, status, listed || !one ? [one, ...others] : one)
  })

  app.get('/api/jobs/:id', guard, async (context) => {
    if (!context.get('access').look) return forbidden(context, 'look at jobs')
    const id = context.req.param('id')
    if (!isJobId(id))
      return problem(context, {
        status: 400,
        code: 'ID_INVALID',
        detail: 'A job id is a UUID, as POST /api/jobs returned it.',
        errors: [{ field: 'id', message: `${quote(id)} is no UUID` }],
      })
    const job = await queues.use(context, (queue) => findStored(runner(queue.driver), id))
    if (!job)
      return problem(context, {
        status: 404,
        code: 'JOB_UNKNOWN',
        detail: `No job ${id}. It was never enqueued here, or it finished and was cleared.`,
      })
    const errors = stacks ? job.errors : job.errors.map(({ stack: _, ...error }) => error)
    return answer(context, 200, { ...jobJson(job), errors })
  })
  return app as unknown as Hono<{ Bindings: Env }>
}

const pass: MiddlewareHandler<Guarded> = (_, next) => next()

/** The jobs that hold a key are named only to callers that may look at jobs. */
const outcome = (enqueued: Enqueued | Skipped, look: boolean): object =>
  enqueued.id === null && !look ? { id: null, state: enqueued.state } : enqueued
