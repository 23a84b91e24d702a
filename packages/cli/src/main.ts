/**
 * The door of the command line: parses the arguments, runs a command and turns every end into an exit code. A
 * command is a function that adds itself to the program and returns its exit code through `Session.finish`.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAgentCommand } from './agent/agent-command.ts';
import { EXIT, exitCodeOf, messageOf } from './cli-errors.ts';
import { type CliContext, processContext } from './context.ts';
import { Output } from './output.ts';
import { addQualityCommand } from './quality-command.ts';
import { addReplayCommand } from './replay-command.ts';
import type { Session } from './session.ts';
import { addSimulateCommand } from './simulate/simulate-command.ts';

/**
 * Runs the command line.
 * @param argv - the arguments after the program's name
 * @param context - defaults to this process
 * @returns the exit code: 0 all right, 1 the results differ or a run failed, 2 the call is wrong
 * @public
 */
export async function main(argv: readonly string[], context: CliContext = processContext()): Promise<number> {
  const stdout = new Output(context.stdout);
  const stderr = new Output(context.stderr);
  let exitCode: number = EXIT.ok;
  const session: Session = { context, stdout, stderr, argv, finish: (code) => (exitCode = code) };
  const report = (error: unknown): void => {
    exitCode = exitCodeOf(error);
    stderr.write(`${messageOf(error)}\n`);
  };

  try {
    await createProgram(session).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    else report(error);
  }
  await stdout.release().catch(report);
  await stderr.release().catch(() => (exitCode ||= EXIT.failed));
  return exitCode;
}

function createProgram(session: Session): Command {
  const { stdout, stderr } = session;
  const program = new Command('stowage')
    .description(
      'Places containers on machines and runs them: replays recorded workloads, compares policies, simulates cells, is an agent.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => stdout.stream.columns ?? 100,
      getErrHelpWidth: () => stderr.stream.columns ?? 100,
      outputError: (text, write) => write(usageLine(text)),
    });
  addReplayCommand(program, session);
  addQualityCommand(program, session);
  addSimulateCommand(program, session);
  addAgentCommand(program, session);
  return program;
}

/** Commander's `error: …`, with its suggestion on a second line, as one coded line. */
function usageLine(text: string): string {
  const message = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return `INVALID_USAGE: ${message}${/[.)]$/.test(message) ? '' : '.'} See --help.\n`;
}

/** From the manifest, which stands one folder above the sources and above the build alike. */
function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
