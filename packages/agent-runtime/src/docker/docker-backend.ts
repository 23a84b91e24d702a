/**
 * Containers by the Docker engine. Every name on the host follows from owner and task id; what is not labelled with
 * this owner is never touched. A container runs from `create` on, but only a gate in it (`launch-gate.ts`), so that
 * network and limits are in place before the user's code.
 *
 * Calls that make something are not broken off: the engine would carry them out all the same, maybe after a `remove`.
 * The caller is let go at once, and `remove` waits for them.
 */
import { join } from 'node:path';
import type { AgentFeature, FeatureState, LogChunk, LogQuery, TaskImage } from '@stowage/protocol';
import {
  type CommandEnd,
  type ContainerBackend,
  type ContainerExit,
  type FoundContainer,
  InvalidContainerError,
  type LiveContainer,
  UnavailableError,
} from '../contract/container-backend.ts';
import type { ContainerSpec, Image } from '../contract/container-spec.ts';
import { findCgroupsOfProcess } from '../host/cgroup-layout.ts';
import { isContainerId, requireContainerId } from '../contract/container-id.ts';
import { ContainerExits, isAlive } from './container-exits.ts';
import { runInContainer } from './container-command.ts';
import { readContainerLogs } from './container-logs.ts';
import { createRequest, ID_LABEL, OWNER_LABEL } from './create-request.ts';
import { EngineCalls, type RegistryCredentials } from './engine-calls.ts';
import { EngineClient } from './engine-client.ts';
import { EngineError, hasStatus } from './engine-error.ts';
import { type EngineFacts, engineFacts, engineFeatures } from './engine-facts.ts';
import type { EngineContainer } from './engine-types.ts';
import { ImagePulls, PULL_DELAYS_MS } from './image-pulls.ts';
import { LaunchGate } from './launch-gate.ts';
import { SavedLogs } from './saved-logs.ts';
import { realSleep, type Sleep } from './sleep.ts';
import { untilAborted } from '../host/abort.ts';

/** @public */
export interface DockerBackendOptions {
  /** Absolute; kept over restarts. Users inside containers must be able to get into its parents (mode 0711). */
  readonly stateFolder: string;
  /** Tells this agent's containers from those of other agents on the same engine: 1 to 32 of `a`–`z` and `0`–`9`. */
  readonly owner: string;
  /** Of the engine. Default `/var/run/docker.sock`. */
  readonly socketPath?: string;
  /** For an answer of the engine. Default 120,000 ms. */
  readonly timeoutMs?: number;
  /** For a repository, as `host[:port]/path`; asked at each pull. Default: none. */
  readonly credentials?: (repository: string) => Promise<RegistryCredentials | undefined>;
  /** Pauses before each try of a pull. Default 0, 1, 3, 7 and 15 s. */
  readonly pullDelaysMs?: readonly number[];
  /** Where a static busybox may be. Default: Debian's places. */
  readonly busyboxPaths?: readonly string[];
  readonly sleep?: Sleep;
}

/** A killed container ends at once; later the engine's own force takes over. */
const KILL_TIMEOUT_MS = 30_000;
/** An agent that comes back may find thousands of containers. */
const INSPECTIONS_AT_ONCE = 8;
const REMOVAL_POLL_MS = 100;
const REMOVAL_POLLS = 300;

/** What the engine says of a container that cannot work, when it is made to start. */
const INVALID_START =
  /unable to find (?:user|group)|no matching entries in (?:passwd|group)|setting rlimit|mkdir .*not a directory|cannot mkdir|chdir to cwd|Cwd must be an absolute path|not a directory: unknown|Are you trying to mount a directory onto a file/i;

/** What it says when this host has not what another may have. */
const UNAVAILABLE = /setting rlimit.*operation not permitted|Requested CPUs are not available/i;

/** @public */
export class DockerBackend implements ContainerBackend {
  readonly name = 'docker';
  readonly #owner: string;
  readonly #client: EngineClient;
  readonly #engine: EngineCalls;
  readonly #sleep: Sleep;
  readonly #pulls: ImagePulls;
  readonly #gate: LaunchGate;
  readonly #exits: ContainerExits;
  readonly #saved: SavedLogs;
  readonly #closing = new AbortController();
  /** By id: creations that the engine is carrying out, wanted or not. */
  readonly #creations = new Map<string, Promise<unknown>>();
  readonly #removals = new Map<string, Promise<void>>();

  /** @throws RangeError when an option is out of range */
  constructor(options: DockerBackendOptions) {
    const { stateFolder, owner, socketPath, timeoutMs, sleep = realSleep } = options;
    if (!/^[a-z0-9]{1,32}$/.test(owner)) {
      throw new RangeError(`The owner "${owner}" is not 1 to 32 of a–z and 0–9.`);
    }
    if (!stateFolder.startsWith('/'))
      throw new RangeError(`The state folder ${stateFolder} is not absolute.`);
    this.#owner = owner;
    this.#sleep = sleep;
    this.#client = new EngineClient({
      ...(socketPath !== undefined && { socketPath }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    this.#engine = new EngineCalls(this.#client);
    this.#pulls = new ImagePulls(this.#engine, {
      sleep,
      delaysMs: options.pullDelaysMs ?? PULL_DELAYS_MS,
      credentials: options.credentials ?? (() => Promise.resolve(undefined)),
    });
    this.#gate = new LaunchGate({
      folder: join(stateFolder, 'gate'),
      sleep,
      ...(options.busyboxPaths !== undefined && { busyboxPaths: options.busyboxPaths }),
    });
    this.#exits = new ContainerExits(this.#engine, {
      ownerLabel: this.#ownerLabel,
      sleep,
      closing: this.#closing.signal,
    });
    this.#saved = new SavedLogs(join(stateFolder, 'logs'));
  }

  async probe(): Promise<Partial<Record<AgentFeature, FeatureState>>> {
    const info = await this.#engine.info();
    const gate = await this.#gate.busybox().then(
      () => undefined,
      (error: Error) => error.message,
    );
    return engineFeatures(info, await engineFacts(info), gate);
  }

  async pull(image: TaskImage, signal: AbortSignal): Promise<Image> {
    if (image.kind === 'folder') {
      throw new UnavailableError('The Docker engine cannot run a folder; give an image in a registry.');
    }
    return this.#pulls.pull(image.reference, signal);
  }

  async create(spec: ContainerSpec, signal: AbortSignal): Promise<LiveContainer> {
    signal.throwIfAborted();
    const { id } = spec;
    requireContainerId(id);
    const earlier = Promise.allSettled([this.#creations.get(id), this.#removals.get(id)]);
    const creation = earlier.then(() => this.#create(spec, signal));
    this.#creations.set(id, creation);
    const forget = (): void => {
      if (this.#creations.get(id) === creation) this.#creations.delete(id);
    };
    creation.then(forget, forget);
    return untilAborted(creation, signal);
  }

  async start(id: string, signal: AbortSignal): Promise<void> {
    const container = await this.#find(id, signal);
    if (container === undefined || !isAlive(container)) {
      throw new Error(`${id} has no running container to start; create it first.`);
    }
    const [command = ''] = container.Config.Cmd ?? [];
    await this.#gate.open(id, container.State.Pid, command, signal);
  }

  async wait(id: string, signal: AbortSignal): Promise<ContainerExit> {
    this.#closing.signal.throwIfAborted();
    return this.#exits.wait(this.#nameOf(id), AbortSignal.any([signal, this.#closing.signal]));
  }

  async signal(id: string, signal: string): Promise<void> {
    const container = await this.#find(id);
    if (container !== undefined) await this.#engine.kill(container.Id, signal);
  }

  async exec(id: string, args: readonly string[], signal: AbortSignal): Promise<CommandEnd> {
    const container = await this.#find(id, signal);
    if (container === undefined || !isAlive(container))
      throw new Error(`${id} has no running container to run a command in.`);
    return runInContainer(this.#engine, container, args, this.#sleep, signal);
  }

  async remove(id: string): Promise<void> {
    requireContainerId(id);
    const running = this.#removals.get(id);
    if (running !== undefined) return running;
    const removal = this.#remove(id).finally(() => this.#removals.delete(id));
    this.#removals.set(id, removal);
    return removal;
  }

  async list(): Promise<readonly FoundContainer[]> {
    const summaries = [...(await this.#engine.list(this.#ownerLabel))];
    const found: FoundContainer[] = [];
    const describeRest = async (): Promise<void> => {
      for (let next = summaries.pop(); next !== undefined; next = summaries.pop()) {
        const container = await this.#engine.inspect(next.Id);
        const id = container?.Config.Labels?.[ID_LABEL] ?? '';
        // Labels go over to images that were made of a container, and to containers of those; the name does not.
        if (container !== undefined && isContainerId(id) && container.Name === `/${this.#nameOf(id)}`)
          found.push(await this.#describe(id, container));
      }
    };
    await Promise.all(Array.from({ length: INSPECTIONS_AT_ONCE }, describeRest));
    const ids = new Set(found.map(({ id }) => id));
    // Made before their container, and removed after it.
    const gates = await this.#gate.list();
    const remains = gates.filter(
      (gate) => isContainerId(gate.id) && !(ids.has(gate.id) || this.#creations.has(gate.id)),
    );
    return [...found, ...remains.map(({ id, createdMs }) => ({ id, state: 'remains' as const, createdMs }))];
  }

  logs(id: string, query: LogQuery): AsyncIterable<LogChunk> {
    const { signal } = query;
    const closing = this.#closing.signal;
    return readContainerLogs(
      id,
      this.#nameOf(id),
      { ...query, signal: signal === undefined ? closing : AbortSignal.any([signal, closing]) },
      { engine: this.#engine, saved: this.#saved, sleep: this.#sleep },
    );
  }

  async removeLogs(id: string): Promise<void> {
    requireContainerId(id);
    await this.#saved.remove(id);
  }

  close(): Promise<void> {
    this.#closing.abort(new Error('The Docker backend has been closed.'));
    this.#client.close();
    return Promise.resolve();
  }

  get #ownerLabel(): string {
    return `${OWNER_LABEL}=${this.#owner}`;
  }

  /** Owners have no dash, so no two pairs of owner and id have the same name. @throws InvalidContainerError */
  #nameOf(id: string): string {
    requireContainerId(id);
    return `stowage-${this.#owner}-${id}`;
  }

  /** @returns undefined when there is none, or one by that name that is not this agent's */
  async #find(id: string, signal?: AbortSignal): Promise<EngineContainer | undefined> {
    const container = await this.#engine.inspect(this.#nameOf(id), signal);
    return container?.Config.Labels?.[OWNER_LABEL] === this.#owner ? container : undefined;
  }

  async #create(spec: ContainerSpec, signal: AbortSignal): Promise<LiveContainer> {
    const { id } = spec;
    const name = this.#nameOf(id);
    const facts: EngineFacts = await engineFacts(await this.#engine.info(signal));
    await this.#clearUnstarted(id);
    const request = createRequest(spec, this.#owner, await this.#gate.prepare(id), facts);
    signal.throwIfAborted();
    try {
      const warnings = await this.#engine.create(name, request);
      const ignored = warnings.filter((warning) => /discard|ignored/i.test(warning));
      if (ignored.length > 0) {
        throw new UnavailableError(`The engine would not enforce what was asked for: ${ignored.join(' ')}`);
      }
      signal.throwIfAborted();
      await this.#engine.start(name);
    } catch (error) {
      throw translated(error);
    }
    const container = await this.#find(id, signal);
    const live = container && (await liveContainer(container));
    if (live === undefined) throw new Error(`The container of ${id} ended before it was started.`);
    return live;
  }

  /** Removes what an earlier creation left, if none of the user's code has run in it. */
  async #clearUnstarted(id: string): Promise<void> {
    const container = await this.#engine.inspect(this.#nameOf(id));
    if (container === undefined) return;
    if (container.Config.Labels?.[OWNER_LABEL] !== this.#owner) {
      throw new Error(
        `There is a container ${this.#nameOf(id)} that is not this agent's; rename or remove it.`,
      );
    }
    const { State } = container;
    const isWaiting = isAlive(container) && (await this.#gate.stateOf(id, State.Pid)) === 'waiting';
    if (!isWaiting && State.Status !== 'created') {
      throw new Error(`${id} already has a container whose command was started; remove it first.`);
    }
    await this.#removeContainer(this.#nameOf(id));
  }

  async #remove(id: string): Promise<void> {
    const errors: unknown[] = [];
    const attempt = async (work: () => Promise<unknown>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        errors.push(error);
      }
    };
    await Promise.allSettled([this.#creations.get(id)]);
    await attempt(async () => {
      const name = this.#nameOf(id);
      const container = await this.#find(id);
      if (container === undefined) return;
      await attempt(() => this.#end(name, container));
      if (container.State.Status !== 'created') {
        await attempt(() => this.#saved.save(id, this.#engine.logs(name, { follow: false })));
      }
      await this.#removeContainer(name);
      this.#exits.forget(container.Id);
    });
    // While there may be a container, its gate tells `list` of it.
    if (errors.length === 0 || (await this.#isGone(id))) await attempt(() => this.#gate.remove(id));
    if (errors.length > 0)
      throw new AggregateError(errors, `The container of ${id} was not removed cleanly.`);
  }

  async #isGone(id: string): Promise<boolean> {
    return this.#find(id).then(
      (container) => container === undefined,
      () => false,
    );
  }

  /** So that its log is complete. */
  async #end(name: string, container: EngineContainer): Promise<void> {
    if (!isAlive(container)) return;
    await this.#engine.kill(name, 'SIGKILL');
    try {
      await this.#engine.wait(name, AbortSignal.timeout(KILL_TIMEOUT_MS));
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
    }
  }

  async #removeContainer(name: string): Promise<void> {
    let isGone = await this.#engine.remove(name);
    for (let poll = 0; !isGone && poll < REMOVAL_POLLS; poll += 1) {
      await this.#sleep(REMOVAL_POLL_MS);
      isGone = (await this.#engine.inspect(name)) === undefined;
    }
    if (!isGone) throw new EngineError(`The engine does not get ready with the removal of ${name}.`);
  }

  async #describe(id: string, container: EngineContainer): Promise<FoundContainer> {
    const createdMs = Date.parse(container.Created);
    const { Status } = container.State;
    if (isAlive(container)) {
      const state = await this.#gate.stateOf(id, container.State.Pid);
      const live = state === 'gone' ? undefined : await liveContainer(container);
      if (live !== undefined) {
        return { id, state: state === 'waiting' ? 'created' : 'running', live, createdMs };
      }
      // It is ending at this moment, and the engine has not noticed.
      await this.#engine.wait(this.#nameOf(id), AbortSignal.timeout(KILL_TIMEOUT_MS));
      const ended = await this.#find(id);
      if (ended !== undefined) return this.#describe(id, ended);
    }
    if (Status === 'exited') return { id, state: 'exited', exit: this.#exits.exitOf(container), createdMs };
    return { id, state: 'remains', createdMs };
  }
}

async function liveContainer(container: EngineContainer): Promise<LiveContainer | undefined> {
  const { Pid: pid } = container.State;
  if (!isAlive(container)) return undefined;
  const cgroups = await findCgroupsOfProcess(pid);
  return cgroups && { pid, cgroups };
}

/** What the engine refuses as malformed cannot work anywhere; what it failed at may work another time. */
function translated(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const { message, status } = error;
  const text = `The engine cannot make this container: ${message}`;
  if (UNAVAILABLE.test(message)) return new UnavailableError(text, { cause: error });
  if (status !== 400 && !INVALID_START.test(message)) return error;
  return new InvalidContainerError(text, { cause: error });
}
