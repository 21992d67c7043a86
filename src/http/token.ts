import type { Context, MiddlewareHandler } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { timingSafeEqual } from 'hono/utils/buffer'
import { quote } from '../job/quote.ts'
import { problem } from './answer.ts'
import { narrow, type Offer, type Offered } from './offer.ts'
import { unknownNames } from '../job/unknown-names.ts'
import type { Issue } from '../job/issue.ts'

/** A token, and the rights of requests that carry it: only the ones given here. */
export interface Token<Env, Name extends string = string> {
  /**
   * The text that requests carry as `Authorization: Bearer …`. Undefined, or empty: this deployment does not have the
   * token.
   */
  readonly secret: (env: Env) => string | undefined
  /** Whether requests may look at jobs, of any task, by their ids. Default false. */
  readonly look?: boolean
  /** The jobs that requests may enqueue: `true`, all that the API offers, or less than that. Default: none. */
  readonly enqueue?: boolean | Offer<Name>
}

/** The rights of a request. */
export interface Access {
  readonly look: boolean
  /** The jobs that the request may enqueue; null: none. */
  readonly offered: Offered | null
}

/** A token, checked. */
export interface Granted<Env> extends Access {
  readonly secret: (env: Env) => string | undefined
}

/** The variables of a request that has passed. */
export interface Guarded {
  Variables: { access: Access }
}

const names = new Set(['secret', 'look', 'enqueue'])

/** Reads tokens, and adds what is wrong with them to `issues`. A secret alone may do everything. */
export function readTokens<Env>(
  token: Token<Env>['secret'] | readonly Token<Env>[],
  offered: Offered,
  issues: Issue[],
): readonly Granted<Env>[] {
  if (typeof token === 'function') return [{ secret: token, look: true, offered }]
  if (!Array.isArray(token) || token.length === 0) {
    issues.push({
      path: 'token',
      message: 'use a function that gives the secret, a list of tokens, or null on loopback',
    })
    return []
  }
  return (token as readonly Token<Env>[]).map(({ secret, look = false, enqueue = false, ...unknown }, index) => {
    const at = `token[${index}]`
    issues.push(...unknownNames(unknown, names, `${at}.`))
    if (typeof secret !== 'function')
      issues.push({ path: `${at}.secret`, message: `${quote(secret)}; use a function of the environment` })
    if (typeof look !== 'boolean') issues.push({ path: `${at}.look`, message: `${quote(look)}; use true or false` })
    if (!enqueue && !look) issues.push({ path: at, message: 'it may do nothing; give it look or enqueue' })
    if (typeof enqueue === 'boolean') return { secret, look, offered: enqueue ? offered : null }
    return { secret, look, offered: narrow(offered, enqueue, `${at}.enqueue`, issues) }
  })
}

/** The characters that a header can carry: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const usable = /^[A-Za-z0-9._~+/-]+=*$/

/** Lets requests pass that carry one of the tokens, and sets their rights. */
export function askForToken<Env>(tokens: readonly Granted<Env>[]): MiddlewareHandler<Guarded> {
  const bearer = bearerAuth<Guarded>({
    async verifyToken(sent, context) {
      // All secrets are compared, so that the time does not tell which one matches.
      const matches = await Promise.all(
        tokens.map(async ({ secret }) => timingSafeEqual(secret(context.env as Env) ?? '', sent)),
      )
      const access = tokens[matches.indexOf(true)]
      if (access) context.set('access', access)
      return access !== undefined
    },
    noAuthenticationHeader: { message: refusal(401, 'TOKEN_REQUIRED', 'Send a token of this API') },
    invalidAuthenticationHeader: {
      message: refusal(400, 'AUTHORIZATION_INVALID', 'The header authorization has another form; send a token'),
    },
    invalidToken: { message: refusal(401, 'TOKEN_WRONG', 'This is no token of this API; send one') },
  })
  return async (context, next) => {
    const secrets = tokens.map(({ secret }) => secret(context.env as Env) ?? '')
    const unusable = secrets.findIndex((secret) => secret !== '' && !usable.test(secret))
    if (unusable !== -1)
      return problem(context, {
        status: 503,
        code: 'TOKEN_UNUSABLE',
        detail: `The API is closed: ${tokens.length === 1 ? 'its token' : `its token ${unusable + 1} of ${tokens.length}`} has characters that no request can carry. Use letters, digits and -._~+/ without white space, = at the end only.`,
      })
    if (secrets.every((secret) => secret === ''))
      return problem(context, {
        status: 503,
        code: 'TOKEN_MISSING',
        detail: 'The API is closed: this deployment has no token for it. Set one as a secret.',
      })
    return bearer(context, next)
  }
}

const refusal = (status: 400 | 401, code: string, detail: string) => (context: Context) =>
  problem(context, { status, code, detail: `${detail} in the header authorization: Bearer ….` })

/** Answers a request whose token does not allow it. */
export const forbidden = (context: Context, what: string): Response =>
  problem(context, { status: 403, code: 'TOKEN_LIMITED', detail: `This token may not ${what}. Send another.` })
