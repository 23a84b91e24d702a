/**
 * The calls of the Engine API that the backend makes, one method each. Containers are named by their full name or id.
 * All of them may be made twice: the engine answers "already so" with a status that is no error here.
 * Source: Docker Engine API 1.41.
 */
import type { ImageReference } from '../contract/image-reference.ts';
import type { EngineClient } from './engine-client.ts';
import { EngineError, hasStatus } from './engine-error.ts';
import { jsonValues, type LogFrame, logFrames } from './engine-streams.ts';
import type {
  CreateRequest,
  EngineContainer,
  EngineContainerSummary,
  EngineEvent,
  EngineExec,
  EngineImage,
  EngineInfo,
  PullProgress,
} from './engine-types.ts';

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

export class EngineCalls {
  readonly #client: EngineClient;

  constructor(client: EngineClient) {
    this.#client = client;
  }

  async info(signal?: AbortSignal): Promise<EngineInfo> {
    return this.#client.call('GET', '/info', { signal });
  }

  /** @returns undefined when the engine has no such image */
  async image(name: string, signal?: AbortSignal): Promise<EngineImage | undefined> {
    return absent(this.#client.call<EngineImage>('GET', `/images/${encodeURI(name)}/json`, { signal }));
  }

  /**
   * Ends when the image is there.
   * @throws EngineError with the registry's words, whether they came as an answer or within the stream of progress
   */
  async pull(
    reference: ImageReference,
    credentials: RegistryCredentials | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const chunks = this.#client.stream('POST', '/images/create', {
      query: { fromImage: reference.repository, tag: reference.digest ?? reference.tag },
      signal,
      ...(credentials !== undefined && {
        headers: {
          'x-registry-auth': paddedBase64Url(
            JSON.stringify({ ...credentials, serveraddress: reference.registry }),
          ),
        },
      }),
    });
    for await (const value of jsonValues(chunks)) {
      const { error, errorDetail } = value as PullProgress;
      const message = errorDetail?.message ?? error;
      if (message !== undefined) throw new EngineError(message, 500);
    }
  }

  /** @returns warnings: what the engine will not do of what was asked for */
  async create(name: string, request: CreateRequest, signal?: AbortSignal): Promise<readonly string[]> {
    const answer = await this.#client.call<{ Warnings?: readonly string[] | null }>(
      'POST',
      '/containers/create',
      { query: { name }, body: request, signal },
    );
    return answer?.Warnings ?? [];
  }

  async start(name: string, signal?: AbortSignal): Promise<void> {
    await this.#client.call('POST', `/containers/${name}/start`, { signal });
  }

  /** @returns undefined when there is no such container */
  async inspect(name: string, signal?: AbortSignal): Promise<EngineContainer | undefined> {
    return absent(this.#client.call<EngineContainer>('GET', `/containers/${name}/json`, { signal }));
  }

  /** Resolves when the container does not run, at once if it never did. */
  async wait(name: string, signal?: AbortSignal): Promise<void> {
    const chunks = this.#client.stream('POST', `/containers/${name}/wait`, {
      query: { condition: 'not-running' },
      signal,
    });
    let isAnswered = false;
    for await (const value of jsonValues(chunks)) {
      if (typeof (value as { StatusCode?: unknown }).StatusCode === 'number') isAnswered = true;
    }
    if (!isAnswered) throw new EngineError('The engine ended a wait without an answer.');
  }

  /** Does nothing when the container is gone or does not run. */
  async kill(name: string, signal: string): Promise<void> {
    try {
      await this.#client.call('POST', `/containers/${name}/kill`, { query: { signal } });
    } catch (error) {
      if (!hasStatus(error, 404, 409)) throw error;
    }
  }

  /**
   * Ends the container if need be and removes it with its anonymous volumes.
   * @returns whether it is gone; false while another call is removing it
   */
  async remove(name: string): Promise<boolean> {
    try {
      await this.#client.call('DELETE', `/containers/${name}`, { query: { force: 'true', v: 'true' } });
      return true;
    } catch (error) {
      if (hasStatus(error, 404)) return true;
      if (hasStatus(error, 409)) return false;
      throw error;
    }
  }

  /** All that have the label, running or not. */
  async list(label: string): Promise<readonly EngineContainerSummary[]> {
    return this.#client.call('GET', '/containers/json', {
      query: { all: 'true', filters: JSON.stringify({ label: [label] }) },
    });
  }

  /** Each frame begins with its time in RFC 3339 and a blank. */
  logs(
    name: string,
    query: {
      readonly follow: boolean;
      readonly stream?: 'stdout' | 'stderr';
      readonly sinceMs?: number;
    },
    signal?: AbortSignal,
  ): AsyncGenerator<LogFrame, void> {
    const { follow, stream, sinceMs } = query;
    return logFrames(
      this.#client.stream('GET', `/containers/${name}/logs`, {
        query: {
          follow: String(follow),
          stdout: String(stream !== 'stderr'),
          stderr: String(stream !== 'stdout'),
          timestamps: 'true',
          tail: 'all',
          ...(sinceMs !== undefined && { since: (sinceMs / 1000).toFixed(3) }),
        },
        signal,
      }),
    );
  }

  /**
   * @returns the id of a command that `startExec` runs
   * @throws EngineError, with status 404 or 409 when the container is gone or does not run
   */
  async createExec(name: string, args: readonly string[], signal: AbortSignal): Promise<string> {
    const { Id } = await this.#client.call<{ Id: string }>('POST', `/containers/${name}/exec`, {
      body: { Cmd: args, AttachStdin: false, AttachStdout: true, AttachStderr: true, Tty: false },
      signal,
    });
    return Id;
  }

  /** What the command writes; ends when nothing holds its output any more. Status 409 when it was started before. */
  startExec(execId: string, signal: AbortSignal): AsyncGenerator<LogFrame, void> {
    const body = { Detach: false, Tty: false };
    return logFrames(this.#client.stream('POST', `/exec/${execId}/start`, { body, signal }));
  }

  async inspectExec(execId: string, signal: AbortSignal): Promise<EngineExec> {
    return this.#client.call('GET', `/exec/${execId}/json`, { signal });
  }

  /** Events of one kind and label from a moment on, until `signal` aborts or the engine goes away. */
  async *events(
    event: string,
    label: string,
    sinceMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<EngineEvent, void> {
    const chunks = this.#client.stream('GET', '/events', {
      query: {
        since: (sinceMs / 1000).toFixed(3),
        filters: JSON.stringify({ type: ['container'], event: [event], label: [label] }),
      },
      signal,
    });
    for await (const value of jsonValues(chunks)) yield value as EngineEvent;
  }
}

async function absent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

/** The engine reads base64 for URLs with padding alone; what it cannot read counts as no credentials. */
function paddedBase64Url(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
