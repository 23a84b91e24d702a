/** A runc backend of a test file's own, and short ways to run containers with it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ContainerExit, LiveContainer } from '../src/contract/container-backend.ts';
import type { ContainerSecurity, ContainerSpec, Image } from '../src/contract/container-spec.ts';
import { RuncBackend } from '../src/runc/runc-backend.ts';
import type { LinuxServices } from './support/services.ts';
import { hostObjects, type HostObjects, newObjects } from './support/host-objects.ts';

export const never: AbortSignal = new AbortController().signal;

export const DEFAULT_CAPABILITIES: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
];

export type Overrides = Partial<Omit<ContainerSpec, 'security'>> & {
  readonly security?: Partial<ContainerSecurity>;
};

export class RuncHarness {
  readonly folder: string;
  readonly state: string;
  readonly #owner: string;
  readonly #registry: string;
  readonly #before: HostObjects;
  backend!: RuncBackend;
  image!: Image;

  private constructor(name: string, registry: string, before: HostObjects) {
    this.folder = mkdtempSync(join(tmpdir(), `stowage-${name}-`));
    chmodSync(this.folder, 0o711);
    this.state = join(this.folder, 'state');
    this.#owner = `test-${name}-${process.pid}`;
    this.#registry = registry;
    this.#before = before;
  }

  static async begin(name: string, { registry, busybox }: LinuxServices): Promise<RuncHarness> {
    const harness = new RuncHarness(name, registry, await hostObjects());
    await harness.open();
    harness.image = await harness.backend.pull({ kind: 'registry', reference: busybox.digest }, never);
    return harness;
  }

  /** Anew, as after a restart of the agent. */
  async open(): Promise<void> {
    const { state: stateFolder } = this;
    const images = { insecureRegistries: [this.#registry] };
    const imageFolders = [this.folder];
    this.backend = await RuncBackend.open({ stateFolder, owner: this.#owner, images, imageFolders });
  }

  async removeAll(): Promise<void> {
    for (const { id } of await this.backend.list()) {
      await this.backend.remove(id);
      await this.backend.removeLogs(id);
    }
  }

  async end(): Promise<void> {
    await this.backend.close();
    rmSync(this.folder, { recursive: true });
    expect(await this.leftovers()).toEqual([]);
  }

  /** New things on the host that bear this harness's names. */
  async leftovers(): Promise<string[]> {
    const left = newObjects(this.#before, await hostObjects());
    return left.filter((each) => each.includes(this.folder) || each.includes(this.#owner));
  }

  spec(id: string, script: string, { security, ...rest }: Overrides = {}): ContainerSpec {
    return {
      id,
      image: this.image,
      args: ['sh', '-c', script],
      environment: this.image.environment,
      workingDirectory: '/',
      user: '',
      labels: { 'stowage.task-id': id },
      hostname: id,
      cpu: { shares: 512, periodMicros: 100_000 },
      memoryBytes: 64 * 1024 * 1024,
      pids: 64,
      limits: [],
      oomScoreAdjust: 500,
      mounts: [],
      network: 'none',
      logs: { maxFileBytes: 10 * 1024 * 1024, maxFiles: 4 },
      stopSignal: 'SIGTERM',
      security: {
        userNamespace: true,
        seccomp: 'default',
        capabilities: DEFAULT_CAPABILITIES,
        readOnlyRoot: false,
        noNewPrivileges: true,
        ...security,
      },
      ...rest,
    };
  }

  async launch(spec: ContainerSpec): Promise<LiveContainer> {
    const live = await this.backend.create(spec, never);
    await this.backend.start(spec.id, never);
    return live;
  }

  async outputOf(id: string): Promise<string> {
    let text = '';
    for await (const chunk of this.backend.logs(id, {})) text += chunk.text;
    return text;
  }

  /** @returns when the container has written at least so much */
  async outputOfLength(id: string, characters: number): Promise<string> {
    for (;;) {
      const text = await this.outputOf(id);
      if (text.length >= characters) return text;
      await sleep(20);
    }
  }

  /** Runs to its end. */
  async run(spec: ContainerSpec): Promise<ContainerExit & { readonly output: string }> {
    await this.launch(spec);
    const exit = await this.backend.wait(spec.id, never);
    return { ...exit, output: await this.outputOf(spec.id) };
  }
}
