/**
 * `stowage agent`: this host as an agent. `run` runs one task with network, limits and metadata; `features` tells what
 * the agent enforces here. The agent's library is loaded only when it is needed.
 */
import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { EXIT, exitCodeOf } from '../cli-errors.ts';
import type { Session } from '../session.ts';
import { textTable } from '../text-table.ts';
import { addRunOptions, type RunOptions, taskSpecOf } from './run-options.ts';
import { NOT_RUN, runTask } from './run-task.ts';
import { type AgentOptions, withAgent } from './with-agent.ts';

const RUN_HELP = `
Exit codes:
  as the task's own; 125 when the task was refused or did not run, or the agent failed; 2 when the call is wrong

Examples:
  stowage agent run registry.example/tools/busybox:1 -- sh -c 'ip address; wget -qO- http://169.254.169.254/latest/meta-data/'
  stowage agent run --cpu 0.5 --memory 64 --network none ./rootfs -- /bin/sh -c 'echo hello'
  stowage agent run --backend docker --json registry.example/team/app@sha256:… | jq .state
`;

/** Adds the commands to the program. */
export function addAgentCommand(program: Command, session: Session): void {
  const agent = program
    .command('agent')
    .description('run this Linux host as an agent')
    .enablePositionalOptions();

  const run = addAgentOptions(agent.command('run'))
    .description('run one task on this host and show its states and output; needs root')
    .passThroughOptions()
    .addHelpText('after', RUN_HELP);
  addRunOptions(run).action(async (image: string, command: string[]) => {
    const options = run.opts<AgentOptions & RunOptions>();
    const taskId = `run-${randomBytes(6).toString('hex')}`;
    const spec = taskSpecOf(taskId, image, command, options, session.context.workingFolder);
    await reported(session, NOT_RUN, () =>
      withAgent(options, spec, session, (opened, interrupts) =>
        runTask(opened, spec, options.json ?? false, session, interrupts),
      ),
    );
  });

  const features = addAgentOptions(agent.command('features'))
    .description('what an agent on this host enforces, emulates or cannot do')
    .action(async () => {
      const options = features.opts<AgentOptions>();
      await reported(session, EXIT.failed, async () => {
        const report = await withAgent(options, undefined, session, (opened) =>
          Promise.resolve(opened.features()),
        );
        if (options.json) session.stdout.write(`${JSON.stringify(report)}\n`);
        else {
          const rows = Object.entries(report).map(([name, { level, detail }]) => [name, level, detail]);
          const lines = textTable(['feature', 'level', 'how'], rows, ['left', 'left', 'left']);
          session.stdout.write(`${lines.join('\n')}\n`);
        }
        return EXIT.ok;
      });
    });
}

function addAgentOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--backend <name>', 'what makes the containers').choices(['runc', 'docker']).default('runc'),
    )
    .option('--docker-socket <path>', 'of the Docker engine (default: /var/run/docker.sock)')
    .option(
      '--state-folder <path>',
      'keeps journal and images (default: a temporary folder, removed at the end)',
    )
    .option(
      '--plain-registry <host:port>',
      'registry that is spoken to without TLS, may be repeated',
      (host: string, earlier: readonly string[] = []) => [...earlier, host],
    )
    .option('--json', 'write lines of JSON');
}

/** Runs a command to its exit code; a failure that is not the caller's ends in `failed`. */
async function reported(session: Session, failed: number, command: () => Promise<number>): Promise<void> {
  try {
    session.finish(await command());
  } catch (error) {
    session.stderr.write(`${failureText(error)}\n`);
    session.finish(exitCodeOf(error) === EXIT.usage ? EXIT.usage : failed);
  }
}

/** What an agent cannot do on this host is no mistake of this program: one line tells it. */
function failureText(error: unknown): string {
  if (error instanceof AggregateError)
    return [...(error.message === '' ? [] : [error.message]), ...error.errors.map(failureText)].join('\n');
  return error instanceof Error ? error.message : String(error);
}
