export type { CliContext, CliStream } from './context.ts';
export { CLI_ERRORS, type CliErrorCode } from './cli-errors.ts';
export { main } from './main.ts';
