import { ConfigurationError } from '../errors.ts'
import type { DefinedTask } from '../job/defined-task.ts'
import { quote } from '../job/quote.ts'
import { narrow, type Offer } from './offer.ts'
import { type Access, type Granted, readTokens, type Token } from './token.ts'
import { unknownNames } from '../job/unknown-names.ts'

/** How a queue is offered over HTTP. */
export interface ApiOptions<Env, Name extends string = string> {
  /**
   * The secret that requests carry as `Authorization: Bearer …`: they may do everything here. A list: tokens that may
   * do less. Where no token has a secret, the API is closed. Null: no token is asked for, which is for loopback only.
   */
  readonly token: Token<Env>['secret'] | readonly Token<Env, Name>[] | null
  /**
   * The jobs that may be enqueued over HTTP, whatever the token. Default: all tasks of the definition, with any queue
   * and priority.
   */
  readonly offer?: Offer<Name>
  /**
   * Where `token` is null, the names (without a port) that requests may be addressed to, beside those of loopback.
   * Default none. List the public name where a proxy in front of the API authenticates its users.
   */
  readonly hosts?: readonly string[]
  /** Whether jobs are shown with the stacks of their errors, which name files of this machine. Default false. */
  readonly stacks?: boolean
}

/** Options, checked. */
export interface ReadOptions<Env> {
  /** Null: no token is asked for. */
  readonly tokens: readonly Granted<Env>[] | null
  /** The rights of requests without a token, where none is asked for. */
  readonly access: Access
  readonly hosts: readonly string[]
  readonly stacks: boolean
}

const names = new Set(['token', 'offer', 'hosts', 'stacks'])

/** @throws ConfigurationError listing everything that is wrong */
export function readOptions<Env>(
  { tasks, queues }: { tasks: ReadonlyMap<string, DefinedTask>; queues: ReadonlySet<string> | null },
  { token, offer = {}, hosts = [], stacks = false, ...unknown }: ApiOptions<Env>,
): ReadOptions<Env> {
  const issues = unknownNames(unknown, names)
  const offered = narrow({ tasks, queues, maxPriority: 100 }, offer, 'offer', issues)
  const tokens = token === null ? null : readTokens(token, offered, issues)
  if (!Array.isArray(hosts) || !hosts.every((host) => typeof host === 'string' && /^[^\s/:]+$/.test(host)))
    issues.push({ path: 'hosts', message: 'use a list of names as in a URL, without a port' })
  else if (tokens !== null && hosts.length > 0)
    issues.push({ path: 'hosts', message: 'with a token, any name will do; leave it out' })
  if (typeof stacks !== 'boolean') issues.push({ path: 'stacks', message: `${quote(stacks)}; use true or false` })
  if (issues.length > 0) throw new ConfigurationError('The HTTP API', issues)
  return { tokens, access: { look: true, offered }, hosts, stacks }
}
