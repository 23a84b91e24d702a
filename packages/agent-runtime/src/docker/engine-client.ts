/**
 * A thin client of the Docker Engine API over its unix socket: requests, time-outs, cancelling, errors. What the calls
 * mean is in `engine-calls.ts`.
 *
 * The API version is the one this code was written for, or the nearest that the engine speaks. Idle connections are
 * kept; a request that finds its kept connection closed by the engine is sent once more, so every call made through
 * this client must bear being made twice. Own code instead of a library: 20 calls need no dependency.
 * Source: Docker Engine API 1.41.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { EngineError } from './engine-error.ts';

/** Written and tested against this one. */
const API_VERSION = '1.41';
/** From here on the engine knows every field that is sent. */
const OLDEST_API_VERSION = '1.41';
const DEFAULT_TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface EngineClientOptions {
  /** Default `/var/run/docker.sock`. */
  readonly socketPath?: string;
  /** For an answer, streams excepted. Default 120,000 ms: an engine under load takes long to start a container. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

type Method = 'GET' | 'POST' | 'DELETE';

export class EngineClient {
  readonly socketPath: string;
  readonly #timeoutMs: number;
  readonly #connections = new Agent({ keepAlive: true });
  #version: Promise<string> | undefined;
  #isClosed = false;

  constructor(options: EngineClientOptions = {}) {
    this.socketPath = options.socketPath ?? '/var/run/docker.sock';
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /**
   * @returns the answer's JSON; undefined when it has no content
   * @throws EngineError; `signal.reason` when `signal` aborted
   */
  async call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
    return this.#timed(options.signal, async (signal) => {
      const response = await this.#send(method, await this.#versioned(path, signal), { ...options, signal });
      return jsonOf(await textOf(response)) as T;
    });
  }

  /**
   * An answer that comes over a time without limit. Aborting `signal` breaks it off; so does leaving its iteration.
   * @throws EngineError; `signal.reason` when `signal` aborted
   */
  async *stream(method: Method, path: string, options: CallOptions = {}): AsyncGenerator<Buffer, void> {
    const { signal } = options;
    const address = await this.#timed(signal, (timed) => this.#versioned(path, timed));
    const response = await this.#send(method, address, options);
    try {
      for await (const chunk of response) yield chunk as Buffer;
    } catch (error) {
      signal?.throwIfAborted();
      throw new EngineError(`The engine broke off its answer to ${method} ${path}.`, undefined, error);
    } finally {
      response.destroy();
    }
  }

  /** Breaks off what is under way; later calls fail. */
  close(): void {
    this.#isClosed = true;
    this.#connections.destroy();
  }

  async #versioned(path: string, signal: AbortSignal | undefined): Promise<string> {
    // Not shared between callers while it is on its way, so that one's abort is not another's.
    const version = this.#version ?? this.#negotiate(signal);
    const negotiated = await version;
    this.#version ??= Promise.resolve(negotiated);
    return `/v${negotiated}${path}`;
  }

  async #negotiate(signal: AbortSignal | undefined): Promise<string> {
    const response = await this.#send('GET', '/version', { signal });
    const answer = jsonOf(await textOf(response)) as { ApiVersion?: string; MinAPIVersion?: string };
    const newest = answer?.ApiVersion;
    if (typeof newest !== 'string') {
      throw new EngineError(`What listens at ${this.socketPath} does not say which API it speaks.`);
    }
    const oldest = answer.MinAPIVersion ?? newest;
    if (isOlder(newest, OLDEST_API_VERSION)) {
      throw new EngineError(
        `The engine speaks API ${newest}, and ${OLDEST_API_VERSION} is needed: Docker 20.10 or later.`,
      );
    }
    return isOlder(API_VERSION, oldest) ? oldest : API_VERSION;
  }

  /** Runs `work` with a signal that also fires when the time for an answer is over. */
  async #timed<T>(outer: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    outer?.throwIfAborted();
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(outer!.reason);
    outer?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => {
      controller.abort(new EngineError(`The engine did not answer within ${this.#timeoutMs} ms.`));
    }, this.#timeoutMs);
    try {
      return await work(controller.signal);
    } catch (error) {
      controller.signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    }
  }

  /** @returns an answer of status 2xx or 304, its content still to be read */
  async #send(
    method: Method,
    path: string,
    options: CallOptions,
    isRepeat = false,
  ): Promise<IncomingMessage> {
    const { query, body, headers, signal } = options;
    signal?.throwIfAborted();
    if (this.#isClosed) throw new EngineError('This client of the engine has been closed.');
    const content = body === undefined ? undefined : JSON.stringify(body);
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    let isReused = false;
    let response: IncomingMessage;
    try {
      response = await new Promise<IncomingMessage>((resolve, reject) => {
        const call = request({
          socketPath: this.socketPath,
          agent: this.#connections,
          method,
          path: path + search,
          headers: {
            host: 'engine',
            ...(content !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(content),
            }),
            ...headers,
          },
          ...(signal !== undefined && { signal }),
        });
        call.once('response', resolve);
        call.on('error', (error) => {
          isReused = call.reusedSocket;
          reject(error);
        });
        call.end(content);
      });
    } catch (error) {
      signal?.throwIfAborted();
      const { code, message } = error as NodeJS.ErrnoException;
      if (isReused && !isRepeat && (code === 'ECONNRESET' || code === 'EPIPE')) {
        return this.#send(method, path, options, true);
      }
      const hint = code === 'ENOENT' || code === 'ECONNREFUSED' ? ' Is dockerd running?' : '';
      throw new EngineError(
        `${method} ${path} failed at the engine's socket ${this.socketPath}: ${message}.${hint}`,
        undefined,
        error,
      );
    }
    const status = response.statusCode ?? 0;
    if ((status >= 200 && status < 300) || status === 304) return response;
    throw new EngineError(`${method} ${path}: ${messageOf(await textOf(response))} (${status})`, status);
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) throw new Error(`more than ${MAX_ANSWER_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw new EngineError(
      `The engine's answer could not be read: ${(error as Error).message}.`,
      undefined,
      error,
    );
  }
  return Buffer.concat(chunks).toString();
}

function jsonOf(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new EngineError(
      `The engine answered with what is no JSON: ${text.slice(0, 200)}`,
      undefined,
      error,
    );
  }
}

/** The engine says `{"message": …}`; anything else is shown as it is. */
function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not JSON: falls through to the text itself.
  }
  return text.trim().slice(0, 1000) || 'no reason given';
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split('.').map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}
