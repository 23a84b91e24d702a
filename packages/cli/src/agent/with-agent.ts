/**
 * An agent for the time of one command: opened, used, closed, and taken off the host again, whatever happens in
 * between. What cannot be taken off is told, and the folder that knows of it is kept.
 */
import type { AgentSetup, HostAgent } from '@stowage/agent-runtime';
import { AgentError, type TaskSpec } from '@stowage/protocol';
import { fail } from '../cli-errors.ts';
import type { Session } from '../session.ts';
import { Interrupts } from './interrupts.ts';
import { openStateFolder } from './state-folder.ts';

export interface AgentOptions {
  readonly backend: 'runc' | 'docker';
  readonly dockerSocket?: string;
  readonly stateFolder?: string;
  readonly plainRegistry?: readonly string[];
  readonly json?: boolean;
}

/**
 * @param task - the one to be run: its folder may be its root, and tasks of its security groups reach each other
 * @throws what the agent and `use` throw; AggregateError when that is more than one thing
 */
export async function withAgent<T>(
  options: AgentOptions,
  task: TaskSpec | undefined,
  { context, stderr }: Session,
  use: (agent: HostAgent, interrupts: Interrupts) => Promise<T>,
): Promise<T> {
  checkOptions(options);
  if (process.getuid?.() !== 0) throw new Error('An agent needs root: call it with sudo.');
  const { openAgent, removeAgent } = await import('@stowage/agent-runtime');
  const interrupts = new Interrupts();
  const failures: unknown[] = [];
  const attempt = async <R>(work: () => Promise<R>): Promise<R | undefined> => {
    try {
      return await work();
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  };
  try {
    const folder = await openStateFolder(options.stateFolder, context.workingFolder);
    const setup = setupOf(options, folder.path, task);
    const agent = await attempt(() => openAgent(setup));
    const result = agent && { value: await attempt(() => use(agent, interrupts)) };
    if (agent !== undefined) await attempt(() => agent.close());
    try {
      await removeAgent(setup);
    } catch (error) {
      if (!folder.isTemporary && error instanceof AgentError && error.code === 'AGENT_IN_USE')
        stderr.write(`Tasks of an earlier call go on: ${error.message}\n`);
      else if (agent !== undefined) {
        failures.push(new Error(`Not all could be removed, so ${folder.path} is kept.`), error);
        throw asOne(failures);
      }
      // Else a backend that could not be opened has made nothing, and why it could not is told already.
    }
    await attempt(() => folder.remove());
    if (failures.length > 0) throw asOne(failures);
    return result!.value as T;
  } finally {
    interrupts.dispose();
  }
}

function asOne(failures: readonly unknown[]): unknown {
  return failures.length === 1 ? failures[0] : new AggregateError(failures);
}

/** What would have no effect is a mistake. */
function checkOptions({ backend, dockerSocket, plainRegistry }: AgentOptions): void {
  if (backend !== 'docker' && dockerSocket !== undefined)
    fail('INVALID_USAGE', '--docker-socket needs --backend docker. See --help.');
  if (backend !== 'runc' && plainRegistry !== undefined)
    fail('INVALID_USAGE', '--plain-registry needs --backend runc; an engine has its own list. See --help.');
}

function setupOf(
  { backend, dockerSocket, plainRegistry }: AgentOptions,
  stateFolder: string,
  task: TaskSpec | undefined,
): AgentSetup {
  const groups = task?.network?.securityGroups ?? [];
  const folders = task?.image.kind === 'folder' ? [task.image.path] : [];
  return {
    stateFolder,
    backend:
      backend === 'docker'
        ? { kind: 'docker', ...(dockerSocket !== undefined && { socketPath: dockerSocket }) }
        : {
            kind: 'runc',
            imageFolders: folders,
            ...(plainRegistry !== undefined && { plainRegistries: plainRegistry }),
          },
    // Who calls this is root on the host already.
    hostNetwork: true,
    network: {
      kind: 'local',
      securityGroups: groups.map((id) => ({ id, ingress: [{ from: { group: id }, protocol: 'all' }] })),
    },
  };
}
