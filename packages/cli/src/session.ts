/**
 * What a command gets to work with: one per call of `main`.
 */
import type { CliContext } from './context.ts';
import type { Output } from './output.ts';

export interface Session {
  readonly context: CliContext;
  /** Results, nothing else. */
  readonly stdout: Output;
  /** Progress and complaints. */
  readonly stderr: Output;
  /** As given, for the foot of reports. */
  readonly argv: readonly string[];
  /** Sets the exit code. */
  finish(exitCode: number): void;
}
