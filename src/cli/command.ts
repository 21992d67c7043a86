import { Command } from 'commander'

/** Options of every command. */
export interface CommandOptions {
  /** Path of the config. */
  readonly config?: string | undefined
}

/** A command of `steadytick`. */
export const command = (name: string, description: string): Command =>
  new Command(name).description(description).option('-c, --config <file>', 'the config (default: steadytick.config.ts)')

/** Options of a command that reports something. */
export interface ReportOptions extends CommandOptions {
  /** Whether the report is for programs. */
  readonly json?: boolean | undefined
}

/** A command that reports something, to people or to programs. */
export const reporting = (name: string, description: string): Command =>
  command(name, description).option('--json', 'print JSON, for programs')
