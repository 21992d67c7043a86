import { databases } from '../support/databases.ts'
import { conformance } from './suite.ts'

conformance('neon', databases.neon)
