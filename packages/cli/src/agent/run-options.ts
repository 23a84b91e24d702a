/** The options of `stowage agent run`, and the task spec that they make. */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseTaskSpec, type TaskImage, type TaskSpec } from '@stowage/protocol';

/** As the command line parser gives them. */
export interface RunOptions {
  readonly cpu: number;
  readonly cpuMode: 'burst' | 'static';
  readonly memory: number;
  readonly disk?: number;
  readonly pids?: number;
  readonly network: 'vpc' | 'none' | 'host';
  readonly securityGroup?: readonly string[];
  readonly bandwidth?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workdir?: string;
  readonly entrypoint?: string;
  readonly readOnly?: boolean;
  readonly userNamespace: boolean;
  readonly seccomp: 'default' | 'strict' | 'unconfined';
  readonly requireToken?: boolean;
  readonly grace: number;
}

/** Adds the options to the command. */
export function addRunOptions(command: Command): Command {
  return command
    .argument('<image>', 'host/repository:tag, host/repository@sha256:…, or the path of a root file system')
    .argument('[command...]', "instead of the image's command")
    .option('--cpu <cpus>', 'CPUs, for instance 0.5', number, 1)
    .addOption(
      new Option(
        '--cpu-mode <mode>',
        'burst: a share of the time; static: a limit, and whole cores of its own',
      )
        .choices(['burst', 'static'])
        .default('burst'),
    )
    .option('--memory <MiB>', 'limit of memory', number, 512)
    .option('--disk <MiB>', 'limit of what it writes to its root (default: none)', number)
    .option('--pids <count>', 'most processes and threads (default: 100000)', number)
    .addOption(
      new Option('--network <mode>', 'vpc: an address of its own; none; host: that of this machine')
        .choices(['vpc', 'none', 'host'])
        .default('vpc'),
    )
    .option('--security-group <name>', 'security group, may be repeated (default: default)', collect)
    .option('--bandwidth <Mbit/s>', 'limit of traffic in each direction (default: none)', number)
    .option('-e, --env <name=value>', 'variable, may be repeated', variable)
    .option('-u, --user <user>', 'user, uid or uid:gid')
    .option('-w, --workdir <path>', 'working folder')
    .option('--entrypoint <program>', "instead of the image's entrypoint")
    .option('--read-only', 'the root file system cannot be written to')
    .option('--no-user-namespace', 'user 0 inside is user 0 outside')
    .addOption(
      new Option('--seccomp <profile>', 'filter of system calls')
        .choices(['default', 'strict', 'unconfined'])
        .default('default'),
    )
    .option('--require-token', 'the metadata service answers with a session token only')
    .option('--grace <seconds>', 'time between the stop signal and SIGKILL', number, 10);
}

/**
 * The task that the options describe.
 * @throws AgentError INVALID_TASK_SPEC
 */
export function taskSpecOf(
  taskId: string,
  image: string,
  command: readonly string[],
  raw: RunOptions,
  workingFolder: string,
): TaskSpec {
  const hasAddress = raw.network === 'vpc';
  // Options end at the image, so that a separator after it is the first word of the command.
  const words = command[0] === '--' ? command.slice(1) : command;
  return parseTaskSpec({
    taskId,
    image: imageOf(image, workingFolder),
    ...(raw.entrypoint !== undefined && { entrypoint: [raw.entrypoint] }),
    ...(words.length > 0 && { command: words }),
    ...(raw.workdir !== undefined && { workingDirectory: raw.workdir }),
    ...(raw.user !== undefined && { user: raw.user }),
    environment: raw.env ?? {},
    resources: {
      cpuMilli: Math.round(raw.cpu * 1000),
      memoryMiB: raw.memory,
      ...(raw.disk !== undefined && { diskMiB: raw.disk }),
      ...(raw.pids !== undefined && { pids: raw.pids }),
      ...(raw.bandwidth !== undefined && { networkMbps: raw.bandwidth }),
    },
    cpuMode: raw.cpuMode,
    network: {
      mode: raw.network,
      // Given without an address it is refused, like a token without a metadata service: it would have no effect.
      ...((hasAddress || raw.securityGroup !== undefined) && {
        securityGroups: raw.securityGroup ?? ['default'],
      }),
    },
    security: {
      userNamespace: raw.userNamespace,
      seccomp: raw.seccomp,
      readOnlyRoot: raw.readOnly ?? false,
    },
    ...((hasAddress || raw.requireToken === true) && {
      metadata: { requireToken: raw.requireToken ?? false },
    }),
    graceMs: Math.round(raw.grace * 1000),
  });
}

/** What begins like a path is one. */
function imageOf(image: string, workingFolder: string): TaskImage {
  return /^(?:\.{0,2}\/|\.{1,2}$)/.test(image)
    ? { kind: 'folder', path: resolve(workingFolder, image) }
    : { kind: 'registry', reference: image };
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError(`"${text}" is not a number of at least 0.`);
  }
  return value;
}

function collect(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

function variable(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const split = text.indexOf('=');
  if (split < 1) throw new InvalidArgumentError(`"${text}" is not name=value.`);
  return { ...earlier, [text.slice(0, split)]: text.slice(split + 1) };
}
