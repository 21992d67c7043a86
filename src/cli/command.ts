import { Command } from 'commander'

/** What every command takes. */
export interface CommandOptions {
  /** Path of the config. */
  readonly config?: string | undefined
}

/** A command of `steadytick`. */
export const command = (name: string, description: string): Command =>
  new Command(name).description(description).option('-c, --config <file>', 'the config (default: steadytick.config.ts)')

/** What a command takes that reports something. */
export interface ReportOptions extends CommandOptions {
  /** Whether programs read it. */
  readonly json?: boolean | undefined
}

/** A command that reports something, to people or to programs. */
export const reporting = (name: string, description: string): Command =>
  command(name, description).option('--json', 'print JSON, for programs')
