#!/usr/bin/env node
import { pathToFileURL } from 'node:url'
import { ownCommand } from './own-command.ts'

const own = ownCommand(process.argv.slice(2))
await (own === null ? import('./program.ts') : import(pathToFileURL(own).href))
