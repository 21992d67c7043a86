import { Findings } from './findings.ts'
import type { Models } from './models.ts'
import type { Issue } from './issue.ts'
import { isTemporal } from './temporal.ts'

const maxDepth = 200
const typedArrays = new Set<unknown>([
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  Uint8ClampedArray,
])

interface Guarded {
  /** Each place that storing would lose: functions, class instances, cycles, … */
  readonly issues: Findings<Issue>
  /** Whether plain JSON holds the whole value. */
  readonly plain: boolean
}

/** Finds the places of a value that cannot be stored. */
export function guard(value: unknown, name: string, models: Models): Guarded {
  const issues = new Findings<Issue>()
  let plain = true
  const above = new Map<unknown, string>()
  const refuse = (path: string, message: string) => issues.add([{ path, message }])

  const inside = (object: object, path: string, walkParts: () => void) => {
    const at = above.get(object)
    if (at !== undefined) return refuse(path, `refers back to ${at}; a cycle cannot be stored`)
    if (above.size >= maxDepth) return refuse(path, `is nested more than ${maxDepth} deep`)
    above.set(object, path)
    walkParts()
    above.delete(object)
  }

  const walk = (part: unknown, path: string): void => {
    if (typeof part === 'string') {
      if (!part.isWellFormed()) refuse(path, 'a lone surrogate cannot be stored; use toWellFormed()')
      return
    }
    if (typeof part === 'function' || typeof part === 'symbol') return refuse(path, `a ${typeof part} cannot be stored`)
    if (part === null || typeof part === 'boolean') return
    if (typeof part === 'number') {
      if (!Number.isFinite(part) || Object.is(part, -0)) plain = false
      return
    }
    if (typeof part !== 'object') {
      plain = false
      return
    }
    const reference = models.referenceTo(part)
    if (reference) {
      plain = false
      const { id } = reference
      if (!(typeof id === 'string' ? id !== '' && id.isWellFormed() : Number.isFinite(id)))
        refuse(path, `a ${reference.model} with the id ${String(id)} cannot be found again; give it one before`)
      return
    }
    const prototype: unknown = Object.getPrototypeOf(part)
    if (prototype !== Object.prototype && !Array.isArray(part)) plain = false
    if (part instanceof Date)
      return Number.isNaN(part.getTime()) ? refuse(path, 'an invalid Date cannot be stored') : undefined
    if (part instanceof URL || part instanceof RegExp) return
    if (ArrayBuffer.isView(part) && typedArrays.has(part.constructor)) return
    if (Array.isArray(part))
      return inside(part, path, () => {
        for (let index = 0; index < part.length; index += 1) {
          if (index in part) walk(part[index], `${path}[${index}]`)
          else refuse(`${path}[${index}]`, 'a hole in an array cannot be stored; use null')
        }
      })
    if (part instanceof Map)
      return inside(part, path, () => {
        for (const [key, item] of part) {
          // An object may have any `toString`.
          const named = typeof key === 'object' && key !== null ? '{…}' : String(key)
          walk(key, `${path}.key(${named})`)
          walk(item, `${path}.get(${named})`)
        }
      })
    if (part instanceof Set)
      return inside(part, path, () => {
        for (const item of part) walk(item, `${path}.item`)
      })
    if (prototype === Object.prototype || prototype === null)
      return inside(part, path, () => {
        for (const key of Reflect.ownKeys(part)) {
          if (typeof key === 'symbol') refuse(path, `the symbol key ${String(key)} cannot be stored`)
          else if (key === '__proto__' || key === 'constructor' || key === 'prototype')
            refuse(`${path}.${key}`, 'a key of this name cannot be stored; rename it')
          else if (!key.isWellFormed()) refuse(path, 'a key with a lone surrogate cannot be stored')
          else walk((part as Record<string, unknown>)[key], `${path}.${key}`)
        }
      })
    if (isTemporal(part)) return
    const kind = part.constructor?.name || 'a class'
    refuse(path, `an instance of ${kind} cannot be stored; store its plain data, or register a model`)
  }
  walk(value, name)
  return { issues, plain }
}
