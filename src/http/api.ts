import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { ConfigurationError, PayloadError } from '../errors.ts'
import { DatabaseError } from '../dialects/driver.ts'
import type { Task } from '../job/task.ts'
import { readJson } from '../job/json.ts'
import { isJobId } from '../job/job-id.ts'
import { quote } from '../job/quote.ts'
import type { ExecutionContext, Queue } from '../queue.ts'
import { SchemaError } from '../schema-version.ts'
import { jobJson } from '../operating/job-json.ts'
import { fieldError, listOf, problem } from './problem.ts'
import { readCalls } from './read-calls.ts'

const maxBodyBytes = 8 * 1024 * 1024

/** What the API needs of a queue's definition. */
export interface ApiQueue<Env> {
  readonly tasks: ReadonlyMap<string, Task>
  open(env: Env, ctx?: ExecutionContext): Queue
}

/**
 * The HTTP API, as a Hono app:
 * - `POST /api/jobs` with `{ task, payload, queue?, priority?, runAfter? }` → 201 `{ id, state }`; a list enqueues many.
 * - `GET /api/jobs/:id` → the job.
 * - `GET /healthz` → 200 when the database answers and its schema serves this code, else 503.
 *
 * What is wrong is answered with `application/problem+json`, which names each field; then nothing was stored.
 *
 * @param token the secret that requests to `/api` carry as `Authorization: Bearer …`; when it gives nothing, the API is
 *   closed. Null: none is asked for, which is for loopback only
 */
export function api<Env extends object>(
  jobs: ApiQueue<Env>,
  { token }: { token: ((env: Env) => string | undefined) | null },
): Hono<{ Bindings: Env }> {
  const open = (context: Context) => jobs.open(context.env as Env, executionContextOf(context))
  const app = new Hono<{ Bindings: Env }>()
  app.notFound((context) =>
    problem(context, { status: 404, code: 'NOT_FOUND', detail: `There is nothing at ${quote(context.req.path)}.` }),
  )
  app.onError(answerError)

  app.get('/healthz', async (context) => {
    const { schemaVersion } = await open(context).check()
    return context.json({ status: 'ok', schemaVersion })
  })

  if (token) app.use('/api/*', guard(token))
  app.post(
    '/api/jobs',
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (context) =>
        problem(context, {
          status: 413,
          code: 'BODY_TOO_LARGE',
          detail: `The body is larger than ${maxBodyBytes} bytes. Send fewer jobs, or store the data elsewhere and its address here.`,
        }),
    }),
    async (context) => {
      if (!isJson(context.req.header('content-type') ?? ''))
        return problem(context, {
          status: 415,
          code: 'NOT_JSON',
          detail: 'Send the body as JSON in UTF-8, with the header content-type: application/json.',
        })
      const sent = await context.req.arrayBuffer()
      let body: unknown
      try {
        body = readJson(new Uint8Array(sent), '')
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
        return problem(context, {
          status: 400,
          code: 'JSON_INVALID',
          detail: `The body is not valid JSON: ${error.message}`,
        })
      }
      const { calls, errors } = readCalls(body, jobs.tasks)
      if (errors.first.length > 0)
        return problem(context, {
          status: 422,
          code: 'FIELDS_INVALID',
          detail: 'Some fields cannot be used; nothing was stored.',
          ...listOf(errors.first, errors.more),
        })
      const queue = open(context)
      const [call] = calls
      const enqueued =
        Array.isArray(body) || !call ? await queue.enqueueAll(calls) : await queue.enqueue(call.task, call.payload)
      return context.json(enqueued, 201)
    },
  )
  app.get('/api/jobs/:id', async (context) => {
    const id = context.req.param('id')
    if (!isJobId(id))
      return problem(context, {
        status: 400,
        code: 'ID_INVALID',
        detail: 'A job id is a UUID, as POST /api/jobs returned it.',
        errors: [{ field: 'id', message: `${quote(id)} is no UUID` }],
      })
    const job = await open(context).findStored(id)
    if (!job)
      return problem(context, {
        status: 404,
        code: 'JOB_UNKNOWN',
        detail: `No job ${id}. It was never enqueued here, or it finished and was cleared.`,
      })
    return context.json(jobJson(job))
  })
  return app
}

/** JSON is UTF-8 (RFC 8259): a parameter can say nothing else. */
const isJson = (contentType: string): boolean =>
  /^application\/json *(;(?! *charset *=)[^;]*|; *charset *= *"?utf-?8"? *)*$/i.test(contentType)

/** Whoever has the token may do everything here. */
function guard<Env>(token: (env: Env) => string | undefined): MiddlewareHandler {
  return async (context, next) => {
    const expected = token(context.env as Env)
    if (expected) return bearerAuth({ token: expected })(context, next)
    return problem(context, {
      status: 503,
      code: 'TOKEN_MISSING',
      detail: 'The API is closed: this deployment has no token for it. Set one as a secret.',
    })
  }
}

/** Workers give one; Hono throws where there is none. */
function executionContextOf(context: Context): ExecutionContext | undefined {
  try {
    return context.executionCtx
  } catch {
    return undefined
  }
}

function answerError(error: Error, context: Context): Response {
  if (error instanceof HTTPException)
    return problem(context, {
      status: error.status,
      code: 'TOKEN_WRONG',
      detail: 'Send the token of this API in the header authorization: Bearer ….',
    })
  if (error instanceof PayloadError)
    return problem(context, {
      status: 422,
      code: error.code,
      detail: 'The payload cannot be used; nothing was stored.',
      ...listOf(
        error.issues.map(({ path, message }) => ({ field: path, message })),
        error.more,
      ),
    })
  if (error instanceof ConfigurationError)
    return problem(context, {
      status: 422,
      code: error.code,
      detail: 'The job cannot be enqueued like this; nothing was stored.',
      ...listOf(error.problems.map(fieldError), error.more),
    })
  if (error instanceof DatabaseError || error instanceof SchemaError) {
    console.error(error)
    return problem(context, { status: 503, code: error.code, detail: 'The database cannot serve this now. Try again.' })
  }
  console.error(error)
  return problem(context, { status: 500, code: 'INTERNAL', detail: 'Something went wrong here; the log says what.' })
}
