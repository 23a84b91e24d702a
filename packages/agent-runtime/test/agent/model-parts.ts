/** The backend and the facilities of the model of a host, as one process of the agent holds them. */
import type { TaskSpec } from '@stowage/protocol';
import type {
  CommandEnd,
  ContainerBackend,
  ContainerExit,
  LiveContainer,
} from '../../src/contract/container-backend.ts';
import type { ContainerSpec, Image } from '../../src/contract/container-spec.ts';
import type { Facility } from '../../src/contract/facility.ts';
import { AGENT_FEATURE_NAMES } from '../../src/features/feature-report.ts';
import { NEVER, type HostModel, type Life, type Reservation } from './host-model.ts';

const IMAGE: Image = {
  id: 'image',
  digest: 'sha256:1',
  entrypoint: ['/main'],
  command: [],
  environment: {},
  workingDirectory: '/',
  user: '',
  labels: {},
};

export class ModelBackend implements ContainerBackend {
  readonly name = 'model';
  readonly #life: Life;
  readonly #host: HostModel;

  constructor(life: Life) {
    this.#life = life;
    this.#host = life.host;
  }

  probe(): ReturnType<ContainerBackend['probe']> {
    const state = { level: 'enforced', detail: '' } as const;
    return Promise.resolve(Object.fromEntries(AGENT_FEATURE_NAMES.map((feature) => [feature, state])));
  }

  pull(_: unknown, signal: AbortSignal): Promise<Image> {
    return this.#life.call('pull', '', signal, () => IMAGE);
  }

  create(spec: ContainerSpec, signal: AbortSignal): Promise<LiveContainer> {
    return this.#life.call('create', spec.id, signal, () => {
      if (this.#host.containers.has(spec.id)) throw new Error(`There is a container ${spec.id} already.`);
      const incarnation = this.#host.nextIncarnation();
      this.#host.containers.set(spec.id, {
        incarnation,
        state: 'created',
        exit: undefined,
        spec,
        attached: new Set(),
      });
      return live(incarnation);
    });
  }

  start(id: string, signal: AbortSignal): Promise<void> {
    return this.#life.call('start', id, signal, () => {
      const container = this.#host.containers.get(id);
      if (container?.state !== 'created') throw new Error(`${id} cannot be started.`);
      for (const name of this.#host.facilityNames)
        if (!container.attached.has(name)) this.#host.violations.push(`${id} runs without ${name}.`);
      container.state = 'running';
      this.#host.runs.set(id, (this.#host.runs.get(id) ?? 0) + 1);
    });
  }

  async wait(id: string, signal: AbortSignal): Promise<ContainerExit> {
    await this.#life.call('wait', id, signal, () => undefined);
    for (;;) {
      if (this.#life.isDead) return NEVER;
      const container = this.#host.containers.get(id);
      if (container === undefined) return { outOfMemory: false };
      if (container.exit !== undefined) return container.exit;
      await new Promise<void>((resolve, reject) => {
        const of = this.#host.waiters.get(id) ?? new Set();
        this.#host.waiters.set(id, of);
        of.add(resolve);
        if (signal.aborted) reject(signal.reason as Error);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    }
  }

  signal(id: string, signal: string): Promise<void> {
    return this.#life.call(`signal:${signal}`, id, undefined, () => {
      this.#host.signals.push(`${signal} ${id}`);
      if (signal === 'SIGKILL') this.#host.exit(id, 137);
      else if (this.#host.temper === 'graceful') this.#host.exit(id, 0);
    });
  }

  exec(id: string, args: readonly string[], signal: AbortSignal): Promise<CommandEnd> {
    return this.#life.call('exec', id, signal, () => {
      if (this.#host.containers.get(id)?.state !== 'running') throw new Error(`${id} does not run.`);
      const times = (this.#host.hooks.get(id) ?? 0) + 1;
      this.#host.hooks.set(id, times);
      if (times > 1) this.#host.violations.push(`The hook of ${id} ran ${times} times.`);
      this.#host.signals.push(`${args.join(' ')} ${id}`);
      return this.#host.hookEnd;
    });
  }

  remove(id: string): Promise<void> {
    return this.#life.call('remove', id, undefined, () => {
      if (this.#host.containers.has(id)) this.#host.logs.add(id);
      this.#host.vanish(id);
    });
  }

  list(): ReturnType<ContainerBackend['list']> {
    return this.#life.call('list', '', undefined, () =>
      [...this.#host.containers].map(([id, { state, exit, incarnation }]) =>
        state === 'exited'
          ? { id, state, exit: exit!, createdMs: 0 }
          : { id, state, live: live(incarnation), createdMs: 0 },
      ),
    );
  }

  async *logs(): ReturnType<ContainerBackend['logs']> {}

  removeLogs(id: string): Promise<void> {
    return this.#life.call('removeLogs', id, undefined, () => void this.#host.logs.delete(id));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class ModelFacility implements Facility {
  readonly name: string;
  readonly #life: Life;
  readonly #host: HostModel;
  readonly #held: Map<string, Reservation>;
  /** In memory, so gone with the process. */
  readonly #live = new Set<string>();

  constructor(life: Life, name: string) {
    this.name = name;
    this.#life = life;
    this.#host = life.host;
    this.#held = life.host.reservations.get(name)!;
  }

  probe(): Promise<Record<string, never>> {
    return Promise.resolve({});
  }

  prepare({ taskId }: TaskSpec, signal: AbortSignal): ReturnType<Facility['prepare']> {
    return this.#life.call(`prepare:${this.name}`, taskId, signal, () => {
      if (this.#held.has(taskId) && this.#live.has(taskId))
        this.#host.violations.push(`${this.name} was prepared twice for ${taskId}.`);
      const incarnation = this.#host.nextIncarnation();
      this.#held.set(taskId, { incarnation });
      this.#live.add(taskId);
      return {
        data: { incarnation },
        environment: { [this.name.toUpperCase()]: taskId },
        ...(this.name === 'network' && { address: `10.0.0.${incarnation}` }),
      };
    });
  }

  attach({ taskId }: TaskSpec, container: LiveContainer, signal: AbortSignal): Promise<void> {
    return this.#life.call(`attach:${this.name}`, taskId, signal, () => {
      const model = this.#host.containers.get(taskId);
      if (!this.#held.has(taskId)) throw new Error(`${this.name} holds nothing for ${taskId}.`);
      if (model?.incarnation !== container.pid) throw new Error(`Container ${container.pid} is gone.`);
      if (model.state !== 'created')
        this.#host.violations.push(`${this.name} was attached to ${taskId} when it was ${model.state}.`);
      model.attached.add(this.name);
    });
  }

  adopt({ taskId }: TaskSpec, data: unknown): Promise<void> {
    return this.#life.call(`adopt:${this.name}`, taskId, undefined, () => {
      const { incarnation } = data as Reservation;
      this.#held.set(taskId, { incarnation });
      this.#live.add(taskId);
    });
  }

  release(taskId: string): Promise<void> {
    return this.#life.call(`release:${this.name}`, taskId, undefined, () => {
      if (this.#host.containers.has(taskId))
        this.#host.violations.push(`${this.name} released ${taskId} under its container.`);
      this.#held.delete(taskId);
      this.#live.delete(taskId);
    });
  }

  sweep(): Promise<void> {
    return this.#life.call(`sweep:${this.name}`, '', undefined, () => {
      for (const taskId of this.#held.keys()) {
        if (this.#live.has(taskId)) continue;
        if (this.#host.containers.has(taskId))
          this.#host.violations.push(`${this.name} swept ${taskId} under its container.`);
        this.#held.delete(taskId);
      }
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function live(incarnation: number): LiveContainer {
  return { pid: incarnation, cgroups: { version: 2, controllers: {} } };
}
