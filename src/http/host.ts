import type { MiddlewareHandler } from 'hono'
import { quote } from '../job/quote.ts'
import { problem } from './answer.ts'
import type { Access, Guarded } from './token.ts'

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i

/**
 * Lets requests without a token pass if they are addressed to this machine, or to one of the given names. A page in a
 * browser on this machine may let its own name point to 127.0.0.1: to the browser the page and the API are then one
 * origin, and only the name in `Host` tells that the request is a stranger's. (The port tells nothing: it cannot
 * differ.)
 *
 * @see https://en.wikipedia.org/wiki/DNS_rebinding
 */
export function askForHost(hosts: readonly string[], access: Access): MiddlewareHandler<Guarded> {
  const allowed = new Set(hosts.map((host) => host.toLowerCase()))
  return async (context, next) => {
    const host = context.req.header('host') ?? new URL(context.req.url).host
    const name = host.replace(/:\d*$/, '').toLowerCase()
    if (!loopback.test(name) && !allowed.has(name))
      return problem(context, {
        status: 421,
        code: 'HOST_UNKNOWN',
        detail: `This API asks for no token, so it answers to localhost and 127.0.0.1 only, and not to ${quote(name)}. Use those, list the name in \`hosts\`, or set a token.`,
      })
    context.set('access', access)
    return next()
  }
}
