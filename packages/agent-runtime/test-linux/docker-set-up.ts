/** A backend on a real engine with a folder of its own; after each test nothing of it may be left. */
import { setMaxListeners } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogQuery } from '@stowage/protocol';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import type { ContainerExit } from '../src/contract/container-backend.ts';
import type { ContainerSpec, Image } from '../src/contract/container-spec.ts';
import { DockerBackend, type DockerBackendOptions } from '../src/docker/docker-backend.ts';
import { EngineCalls } from '../src/docker/engine-calls.ts';
import { EngineClient } from '../src/docker/engine-client.ts';

/** A backend's default set, as the agent gives it. */
const CAPABILITIES = 'CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETGID SETPCAP SETUID'
  .split(' ')
  .map((name) => `CAP_${name}`);

export const never: AbortSignal = new AbortController().signal;
// Many operations of a test share it; each of the agent's has its own.
setMaxListeners(0, never);

export class DockerSetUp {
  readonly owner: string = `t${Math.random().toString(36).slice(2, 10)}`;
  readonly folder: string;
  readonly socketPath: string;
  backend: DockerBackend;
  image!: Image;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
    this.folder = mkdtempSync(join(tmpdir(), 'stw-docker-'));
    this.backend = this.newBackend();
  }

  /** Another agent process on the same folder. */
  newBackend(options: Partial<DockerBackendOptions> = {}): DockerBackend {
    return new DockerBackend({
      stateFolder: join(this.folder, 'state'),
      owner: this.owner,
      socketPath: this.socketPath,
      ...options,
    });
  }

  spec(id: string, args: readonly string[], changes: Partial<ContainerSpec> = {}): ContainerSpec {
    return {
      id,
      image: this.image,
      args,
      environment: { PATH: '/bin' },
      workingDirectory: '/',
      user: '',
      labels: {},
      hostname: id,
      cpu: { shares: 128, periodMicros: 100_000 },
      memoryBytes: 64 * 1024 * 1024,
      pids: 64,
      limits: [],
      oomScoreAdjust: 500,
      security: {
        userNamespace: false,
        seccomp: 'default',
        capabilities: CAPABILITIES,
        readOnlyRoot: false,
        noNewPrivileges: true,
      },
      mounts: [],
      network: 'none',
      logs: { maxFileBytes: 1_000_000, maxFiles: 2 },
      stopSignal: 'SIGTERM',
      ...changes,
    };
  }

  shell(id: string, script: string, changes: Partial<ContainerSpec> = {}): ContainerSpec {
    return this.spec(id, ['sh', '-c', script], changes);
  }

  /** From create to exit; the container stays. */
  async run(spec: ContainerSpec): Promise<ContainerExit> {
    await this.backend.create(spec, never);
    await this.backend.start(spec.id, never);
    return this.backend.wait(spec.id, never);
  }

  async output(id: string, query: LogQuery = {}): Promise<string> {
    let text = '';
    for await (const chunk of this.backend.logs(id, query)) text += chunk.text;
    return text;
  }

  /** Runs a script and gives what it wrote. */
  async told(id: string, script: string, changes: Partial<ContainerSpec> = {}): Promise<string> {
    await this.run(this.shell(id, script, changes));
    return this.output(id);
  }

  /** Until the container has written this. */
  async untilTold(id: string, text: string): Promise<void> {
    await until(async () => (await this.output(id)).includes(text));
  }

  async removeAll(): Promise<void> {
    for (const { id } of await this.backend.list()) await this.backend.remove(id);
    for (const id of this.names('logs')) await this.backend.removeLogs(id);
  }

  /** Names below a folder of the backend's state. */
  names(folder: 'logs' | 'gate/gates'): string[] {
    const path = join(this.folder, 'state', folder);
    return existsSync(path) ? readdirSync(path) : [];
  }
}

/** At most 20 s. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 400) throw new Error(`Waited for in vain: ${holds.toString()}`);
    await delay(50);
  }
}

/** Gives each test file a set-up with the image pulled, and looks for what is left. */
export function withDocker(
  engine: 'docker' | 'dockerRemapped',
  changes: Partial<ContainerSpec> = {},
): DockerSetUp {
  const { busybox, [engine]: socketPath } = inject('linux');
  const setUp = new DockerSetUp(socketPath);
  const plainSpec = setUp.spec.bind(setUp);
  setUp.spec = (id, args, more = {}) => plainSpec(id, args, { ...changes, ...more });
  beforeAll(async () => {
    setUp.image = await setUp.backend.pull({ kind: 'registry', reference: busybox.digest }, never);
  });
  afterEach(async () => {
    await setUp.removeAll();
    expect(await setUp.backend.list()).toEqual([]);
    expect(setUp.names('gate/gates')).toEqual([]);
    expect(await containersAt(socketPath, setUp.owner)).toBe(0);
  });
  afterAll(async () => {
    await setUp.backend.close();
    rmSync(setUp.folder, { recursive: true, force: true });
  });
  return setUp;
}

/** Asked past the backend. */
async function containersAt(socketPath: string, owner: string): Promise<number> {
  const client = new EngineClient({ socketPath });
  try {
    return (await new EngineCalls(client).list(`stowage.owner=${owner}`)).length;
  } finally {
    client.close();
  }
}
