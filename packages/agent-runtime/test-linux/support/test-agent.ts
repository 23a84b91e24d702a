/** Agents of the tests: one setup for each backend, with network, metadata and CPU sets of their own. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskRuntime, TaskSpec, TaskState, TaskStatus } from '@stowage/protocol';
import type { TaskRuntimeFixture } from '@stowage/testing';
import { inject } from 'vitest';
import { type AgentSetup, openAgent, type HostAgent, removeAgent } from '../../src/index.ts';
import { hostObjects as readHostObjects } from './host-objects.ts';

export const BACKENDS = ['runc', 'docker'] as const;

export type BackendName = (typeof BACKENDS)[number];

export interface TestAgent {
  readonly setup: AgentSetup;
  /** What tasks have on this host, files in the state folder included, images apart. */
  hostObjects(): Promise<readonly string[]>;
  /** Takes everything of the agent off the host. */
  remove(): Promise<void>;
}

/** A setup whose router and folders exist already, so that they do not look like something of a task. */
export async function testAgent(
  backend: BackendName,
  more: { readonly authFile?: string; readonly plainRegistries?: readonly string[] } = {},
): Promise<TestAgent> {
  const services = inject('linux');
  const { authFile, plainRegistries = [services.registry] } = more;
  const credentials = authFile === undefined ? {} : { authFile };
  const stateFolder = mkdtempSync(join(tmpdir(), `stowage-${backend}-`));
  chmodSync(stateFolder, 0o711);
  const setup: AgentSetup = {
    stateFolder,
    backend:
      backend === 'runc'
        ? { kind: 'runc', plainRegistries, ...credentials }
        : { kind: 'docker', socketPath: services.dockerRemapped, ...credentials },
    network: {
      kind: 'local',
      securityGroups: [
        { id: 'blue', ingress: [{ from: { group: 'blue' }, protocol: 'all' }] },
        { id: 'green', ingress: [] },
      ],
    },
  };
  const agent = await openAgent(setup);
  await agent.close();
  return {
    setup,
    hostObjects: async () => {
      const objects = [...(await readHostObjects())].flatMap(([kind, names]) =>
        [...names].map((name) => `${kind} ${name}`),
      );
      return [...objects.filter((object) => !OF_THE_AGENT.test(object)), ...files(stateFolder)].sort();
    },
    remove: async () => {
      await endAllTasks(setup);
      await removeAgent(setup);
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

/** Also those that a failed test has left. */
async function endAllTasks(setup: AgentSetup): Promise<void> {
  const agent = await openAgent(setup);
  const statuses = new StatusReader(agent);
  for (const { spec, state } of agent.tasks()) {
    if (state === 'finished') continue;
    await agent.kill(spec.taskId, { graceMs: 0 });
    await statuses.waitFor(spec.taskId, 'finished');
  }
  await agent.close();
}

/** An agent that is open in this process. */
export async function openTestAgent(
  backend: BackendName,
): Promise<TestAgent & { readonly agent: HostAgent; close(): Promise<void> }> {
  const prepared = await testAgent(backend);
  const agent = await openAgent(prepared.setup);
  return {
    ...prepared,
    agent,
    close: async () => {
      await agent.close();
      await prepared.remove();
    },
  };
}

/** For the conformance suite; `open` before its cases and `close` after. */
export function conformanceFixture(backend: BackendName): {
  readonly fixture: TaskRuntimeFixture;
  open(): Promise<void>;
  close(): Promise<void>;
} {
  const services = inject('linux');
  let prepared: TestAgent;
  return {
    open: async () => {
      prepared = await testAgent(backend);
    },
    close: () => prepared.remove(),
    fixture: {
      image: { kind: 'registry', reference: services.busybox.digest },
      missingImage: { kind: 'registry', reference: `${services.registry}/test/no-such-image:1` },
      securityGroups: ['blue'],
      open: () => openAgent(prepared.setup),
      hostObjects: () => prepared.hostObjects(),
    },
  };
}

/** A small task that runs `script` with the shell of the test image. */
export function shellTask(taskId: string, script: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return {
    taskId,
    image: { kind: 'registry', reference: inject('linux').busybox.digest },
    command: ['/bin/sh', '-c', script],
    resources: { cpuMilli: 100, memoryMiB: 32 },
    ...more,
  };
}

/** Keeps what an agent in this process says. */
export class StatusReader {
  readonly #byTask = new Map<string, TaskStatus[]>();
  readonly #waiting = new Set<() => void>();

  constructor(runtime: TaskRuntime) {
    void this.#read(runtime);
  }

  of(taskId: string): readonly TaskStatus[] {
    return this.#byTask.get(taskId) ?? [];
  }

  /** @throws Error when the task finishes without having been in the state */
  async waitFor(taskId: string, state: TaskState): Promise<TaskStatus> {
    for (;;) {
      const found = this.of(taskId).find((status) => status.state === state);
      if (found !== undefined) return found;
      const last = this.of(taskId).at(-1);
      if (last?.state === 'finished') throw new Error(`${taskId} finished without ${state}: ${last.message}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async #read(runtime: TaskRuntime): Promise<void> {
    for await (const status of runtime.statuses()) {
      this.#byTask.set(status.taskId, [...this.of(status.taskId), status]);
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const resume of waiting) resume();
    }
  }
}

/** What an agent or engine keeps for all its tasks: images, the lock of its state folder, the addresses of its VPC. */
const OF_THE_AGENT = /\/images\/|\/lock(?:\.\d+)?$|\/local-vpc\.json$|^cgroup [^ ]*\/docker$/;

function files(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => join(folder, name))
    .filter((path) => !OF_THE_AGENT.test(path) && isFile(path))
    .map((path) => `file ${path}`);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
