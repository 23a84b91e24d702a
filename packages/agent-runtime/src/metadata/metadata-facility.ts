/**
 * Gives every task with an address of its own a metadata service at 169.254.169.254, and credentials of its role. The
 * service listens once, in the router namespace to which all containers are linked and which none of them can enter or
 * change: a container may bind every address and port of its own without touching it.
 * Nothing is written to disk: after a restart roles are assumed again. The address stays on the loopback device when
 * the agent closes, so that requests of containers that live on end in the router instead of being sent on.
 */
import { stat } from 'node:fs/promises';
import type { Server } from 'node:net';
import { AgentError, type AgentFeature, type FeatureState, type TaskSpec } from '@stowage/protocol';
import {
  InvalidContainerError,
  type LiveContainer,
  UnavailableError,
} from '../contract/container-backend.ts';
import type { Contribution, Facility } from '../contract/facility.ts';
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';
import { runCommand } from '../host/run-command.ts';
import { type IamRole, parseRoleArn } from './iam-role.ts';
import type { Placement } from './metadata-documents.ts';
import { type MetadataCounters, type MetadataLimits, MetadataServer } from './metadata-server.ts';
import { listenInNamespace } from './namespace-listener.ts';
import { type RoleAssumer, RoleDeniedError } from './role-assumer.ts';
import { RoleSession } from './role-session.ts';

const ADDRESS = '169.254.169.254';
const PORT = 80;

/**
 * Makes a listening server where containers reach it and hands it to `serve`, which takes connections before it first
 * waits for anything.
 * @public
 */
export type Listen = (namespacePath: string, serve: (server: Server) => Promise<void>) => Promise<void>;

/** @public */
export interface MetadataFacilityOptions {
  /** Absolute path of the router's network namespace, as `/run/netns/…`. It exists when `probe` is called. */
  readonly namespacePath: string;
  /** The address that the network gave to a task: asked after the network's `prepare` or `adopt`. */
  readonly addressOf: (taskId: string) => string | undefined;
  /** Default: none, and tasks with a role are refused. */
  readonly roleAssumer?: RoleAssumer;
  /** Default: none, and the documents that need it are absent. */
  readonly placement?: Placement;
  readonly limits?: Partial<MetadataLimits>;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  /** Default: at 169.254.169.254:80 in the namespace, by nsenter. */
  readonly listen?: Listen;
}

/** What the journal keeps of a task. */
interface MetadataData {
  readonly preparedMs: number;
}

/** @public */
export class MetadataFacility implements Facility {
  readonly name = 'metadata';
  readonly #options: MetadataFacilityOptions;
  readonly #clock: Clock;
  readonly #server: MetadataServer;
  readonly #sessions = new Map<string, RoleSession>();
  readonly #preparedMs = new Map<string, number>();
  /** Of the namespace that is served. */
  #servedInode: number | undefined;
  #listening: Promise<void> | undefined;

  constructor(options: MetadataFacilityOptions) {
    const { placement, limits } = options;
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#server = new MetadataServer({
      clock: this.#clock,
      ...(placement !== undefined && { placement }),
      ...(limits !== undefined && { limits }),
    });
  }

  get counters(): MetadataCounters {
    return this.#server.counters;
  }

  /** Why the last call for the credentials of a task failed; undefined when it did not. */
  credentialFailure(taskId: string): Error | undefined {
    return this.#sessions.get(taskId)?.failure;
  }

  async probe(): Promise<Partial<Record<AgentFeature, FeatureState>>> {
    let service: FeatureState;
    try {
      await this.#serve();
      service = { level: 'enforced', detail: `One server at ${ADDRESS}:${PORT} in the router namespace.` };
    } catch (error) {
      service = { level: 'unavailable', detail: error instanceof Error ? error.message : String(error) };
    }
    if (service.level === 'unavailable') {
      return { 'metadata-service': service, 'iam-credentials': { ...service } };
    }
    return {
      'metadata-service': service,
      'iam-credentials':
        this.#options.roleAssumer === undefined
          ? { level: 'unavailable', detail: 'No role assumer is configured, as the one of AWS STS.' }
          : { level: 'enforced', detail: 'Assumed per task before it starts, kept in memory only.' },
    };
  }

  async prepare(task: TaskSpec, signal: AbortSignal): Promise<Contribution | undefined> {
    const { metadata, network, taskId } = task;
    if (network?.mode !== 'vpc') {
      if (metadata === undefined) return undefined;
      throw new InvalidContainerError(
        'metadata needs network mode vpc: the service knows a task by an address of its own.',
      );
    }
    const role = roleOf(task);
    await this.#serve(signal);
    if (role !== undefined) await this.#assume(taskId, role, signal);
    const data: MetadataData = { preparedMs: this.#clock.wallMs() };
    this.#preparedMs.set(taskId, data.preparedMs);
    return {
      // Clients of AWS give up after 1 s and one try otherwise.
      environment: { AWS_METADATA_SERVICE_TIMEOUT: '5', AWS_METADATA_SERVICE_NUM_ATTEMPTS: '3' },
      data,
    };
  }

  async attach(task: TaskSpec, _container: LiveContainer, signal: AbortSignal): Promise<void> {
    if (task.network?.mode !== 'vpc') return;
    await this.#serve(signal);
    // An agent that was restarted before the container ran has no credentials yet.
    const role = roleOf(task);
    if (role !== undefined) await this.#assume(task.taskId, role, signal);
    this.#register(task);
  }

  async adopt(task: TaskSpec, data: unknown, container: LiveContainer | undefined): Promise<void> {
    if (data === undefined || container === undefined) return;
    this.#preparedMs.set(task.taskId, (data as MetadataData).preparedMs);
    const role = roleOf(task);
    // The container may run already, and then a role that cannot be had must not end it: the answer is 503 until then.
    if (role !== undefined) this.#sessionOf(task.taskId, role).start();
    await this.#serve();
    this.#register(task);
  }

  release(taskId: string): Promise<void> {
    this.#server.unregister(taskId);
    this.#endSession(taskId);
    this.#preparedMs.delete(taskId);
    return Promise.resolve();
  }

  /** All that a task holds here is in this process's memory: what was not adopted is not there. */
  sweep(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    for (const taskId of [...this.#sessions.keys()]) this.#endSession(taskId);
    // A listener that is on its way would open after the close.
    await this.#listening?.catch(() => undefined);
    await this.#server.close();
    this.#servedInode = undefined;
  }

  #register(task: TaskSpec): void {
    const { taskId, metadata } = task;
    const address = this.#options.addressOf(taskId);
    if (address === undefined) {
      throw new AgentError(
        'METADATA_NO_ADDRESS',
        `Task ${taskId} has no address: the network facility must come before the metadata facility.`,
      );
    }
    const role = roleOf(task);
    this.#server.register({
      taskId,
      address,
      requireToken: metadata?.requireToken ?? false,
      ...(role !== undefined && { role: { iamRole: role, source: this.#sessionOf(taskId, role) } }),
      preparedMs: this.#preparedMs.get(taskId) ?? this.#clock.wallMs(),
    });
  }

  #sessionOf(taskId: string, role: IamRole): RoleSession {
    const known = this.#sessions.get(taskId);
    if (known !== undefined) return known;
    const { roleAssumer: assumer, random } = this.#options;
    if (assumer === undefined) {
      throw new UnavailableError(`The task has the role ${role.arn}, and this agent has no role assumer.`);
    }
    const session = new RoleSession({
      assumer,
      roleArn: role.arn,
      taskId,
      clock: this.#clock,
      ...(random !== undefined && { random }),
    });
    this.#sessions.set(taskId, session);
    return session;
  }

  /** Resolves when there are credentials, so that the user's code finds them. */
  async #assume(taskId: string, role: IamRole, signal: AbortSignal): Promise<void> {
    const session = this.#sessionOf(taskId, role);
    try {
      await session.ready(signal);
    } catch (error) {
      this.#endSession(taskId);
      if (!(error instanceof RoleDeniedError)) throw error;
      throw new InvalidContainerError(`Role ${role.arn} may not be assumed: ${error.message}`, {
        cause: error,
      });
    }
  }

  #endSession(taskId: string): void {
    this.#sessions.get(taskId)?.stop();
    this.#sessions.delete(taskId);
  }

  /** Listens in the namespace; again when it is not the one that is served, because somebody made it anew. */
  async #serve(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    // One attempt for all who wait, so it does not end with the task that began it.
    this.#listening ??= this.#listenOnce().finally(() => {
      this.#listening = undefined;
    });
    await this.#listening;
    signal?.throwIfAborted();
  }

  async #listenOnce(): Promise<void> {
    const { namespacePath, listen = listenAtMetadataAddress } = this.#options;
    const { ino } = await stat(namespacePath);
    if (ino === this.#servedInode) return;
    await listen(namespacePath, (server) => this.#server.listen(server));
    this.#servedInode = ino;
  }
}

const listenAtMetadataAddress: Listen = async (namespacePath, serve) => {
  await runCommand('nsenter', [`--net=${namespacePath}`, 'ip', '-batch', '-'], {
    input: `link set lo up\naddress replace ${ADDRESS}/32 dev lo\n`,
  });
  await listenInNamespace({ namespacePath, host: ADDRESS, port: PORT }, serve);
};

function roleOf(task: TaskSpec): IamRole | undefined {
  const arn = task.metadata?.iamRole;
  if (arn === undefined) return undefined;
  const role = parseRoleArn(arn);
  if (role === undefined) {
    throw new InvalidContainerError(
      `metadata.iamRole must be the ARN of a role, as arn:aws:iam::123456789012:role/name, not ${JSON.stringify(arn)}.`,
    );
  }
  return role;
}
