/**
 * The HTTP side of the metadata service: one server for all containers of the agent, which tells them apart by the
 * source address of the connection. TCP completes only with the owner of an address, and the router drops packets with
 * a forged one, so the address is the identity; nothing in the request is.
 * Limits keep one container from starving the others: open connections and requests a second of each, size of the
 * head, no bodies, a time for each request, and requests that wait. A connection brings one request: its answer closes
 * it, and nothing more is read from it meanwhile.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ListenOptions, Server as NetServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AgentError } from '@stowage/protocol';
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';
import { type Answer, problem, refusal } from './answer.ts';
import type { ContainerIdentity, Placement } from './metadata-documents.ts';
import { metadataRouter, type MetadataRouter } from './metadata-router.ts';
import { RequestPace } from './request-pace.ts';
import { SessionTokens } from './session-tokens.ts';

/** @public */
export interface MetadataLimits {
  /** Open connections of one container; further ones are closed at once. */
  readonly connectionsPerContainer: number;
  /** In the long run; more wait for their turn, and those that would wait for `requestTimeoutMs` are answered with 503. */
  readonly requestsPerSecond: number;
  /** Requests of one container that pass without a wait. */
  readonly burst: number;
  /** From the first byte of the connection to the last of the request, and again to the answer, in milliseconds. */
  readonly requestTimeoutMs: number;
}

const DEFAULT_LIMITS: MetadataLimits = {
  connectionsPerContainer: 32,
  requestsPerSecond: 100,
  burst: 200,
  requestTimeoutMs: 10_000,
};
const MOST_HEAD_BYTES = 8_192;
const MALFORMED: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

export interface MetadataServerOptions {
  readonly placement?: Placement;
  readonly limits?: Partial<MetadataLimits>;
  readonly clock?: Clock;
  readonly tokens?: SessionTokens;
}

/** Since this process began; none ever goes down. @public */
export interface MetadataCounters {
  /** Answered, whatever the status. */
  readonly requests: number;
  /** From addresses of no container. */
  readonly strangers: number;
  /** Connections closed because their container had too many. */
  readonly overLimit: number;
  /** Answers with a status of 500 or more, and connections that could not be taken. */
  readonly failures: number;
}

interface Resident {
  readonly taskId: string;
  readonly router: MetadataRouter;
  readonly pace: RequestPace;
}

export class MetadataServer {
  readonly #placement: Placement | undefined;
  readonly #limits: MetadataLimits;
  readonly #clock: Clock;
  readonly #tokens: SessionTokens;
  readonly #residents = new Map<string, Resident>();
  readonly #addresses = new Map<string, string>();
  /** Open connections by source address; all addresses of no container share the entry ''. */
  readonly #connections = new Map<string, Set<Socket>>();
  readonly #owners = new WeakMap<Socket, Resident>();
  /** Connections that have brought a request. */
  readonly #asked = new WeakSet<Socket>();
  readonly #counters = { requests: 0, strangers: 0, overLimit: 0, failures: 0 };
  #http: Server | undefined;

  constructor(options: MetadataServerOptions = {}) {
    this.#placement = options.placement;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#tokens = options.tokens ?? new SessionTokens(() => this.#clock.wallMs());
  }

  get counters(): MetadataCounters {
    return { ...this.#counters };
  }

  /**
   * Serves a listening server, or an address of this process's own network, instead of the one before.
   * Resolves when connections are taken.
   */
  async listen(on: NetServer | ListenOptions): Promise<void> {
    const { requestTimeoutMs } = this.#limits;
    const http = createServer({
      maxHeaderSize: MOST_HEAD_BYTES,
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
      // The check would answer an absent header with 400, and HTTP/1.1 clients without one are harmless.
      requireHostHeader: false,
    });
    http.on('connection', (socket: Socket) => this.#connect(socket));
    http.on('request', (request, response) => void this.#serve(request, response));
    // Without this, a client that waits for it would be told to send its body.
    http.on('checkContinue', (request, response) => void this.#serve(request, response));
    http.on('clientError', refuseMalformed);
    // A connection that could not be taken, for lack of something: the others go on.
    http.on('error', () => (this.#counters.failures += 1));
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.once('listening', () => resolve());
      http.listen(on);
    });
    await this.close();
    this.#http = http;
  }

  /** The port it listens on; undefined when it does not, or on a server from another network namespace. */
  get port(): number | undefined {
    const address = this.#http?.address();
    return typeof address === 'object' ? address?.port : undefined;
  }

  /**
   * Makes a container known. Registering it again replaces what is said of it.
   * @throws AgentError `METADATA_ADDRESS_TAKEN` when another task has this address
   */
  register(container: ContainerIdentity): void {
    const { address, taskId } = container;
    const other = this.#residents.get(address);
    if (other !== undefined && other.taskId !== taskId) {
      throw new AgentError(
        'METADATA_ADDRESS_TAKEN',
        `Address ${address} of task ${taskId} still belongs to task ${other.taskId}: release that task first.`,
      );
    }
    this.unregister(taskId);
    this.#residents.set(address, {
      taskId,
      router: metadataRouter(container, this.#placement, this.#tokens),
      pace: new RequestPace(this.#limits.requestsPerSecond, this.#limits.burst),
    });
    this.#addresses.set(taskId, address);
  }

  /** Forgets a container and ends its connections. Does nothing for a task it does not know. */
  unregister(taskId: string): void {
    const address = this.#addresses.get(taskId);
    if (address === undefined) return;
    this.#addresses.delete(taskId);
    this.#residents.delete(address);
    for (const socket of this.#connections.get(address) ?? []) socket.destroy();
  }

  /** Stops to listen and ends all connections. Containers stay known. */
  async close(): Promise<void> {
    const http = this.#http;
    if (http === undefined) return;
    this.#http = undefined;
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    http.closeAllConnections();
    await closed;
  }

  #connect(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const resident = this.#residents.get(address);
    const key = resident === undefined ? '' : address;
    const open = this.#connections.get(key) ?? new Set<Socket>();
    if (open.size >= this.#limits.connectionsPerContainer) {
      this.#counters.overLimit += 1;
      socket.destroy();
      return;
    }
    this.#connections.set(key, open.add(socket));
    if (resident !== undefined) this.#owners.set(socket, resident);
    socket.once('close', () => {
      open.delete(socket);
      if (open.size === 0 && this.#connections.get(key) === open) this.#connections.delete(key);
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    // Sent behind the first without waiting for its answer.
    if (this.#asked.has(socket)) return;
    this.#asked.add(socket);
    socket.pause();
    const resident = this.#owners.get(socket);
    const answer = resident === undefined ? this.#refuseStranger() : await this.#answer(resident, request);
    this.#counters.requests += 1;
    if (answer.status >= 500) this.#counters.failures += 1;
    if (response.destroyed) return;
    response.writeHead(answer.status, {
      Server: 'EC2ws',
      'Content-Type': answer.type,
      'Content-Length': Buffer.byteLength(answer.body),
      Connection: 'close',
      ...answer.headers,
    });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  }

  #refuseStranger(): Answer {
    this.#counters.strangers += 1;
    return refusal(403);
  }

  async #answer(resident: Resident, request: IncomingMessage): Promise<Answer> {
    const { headers, method = '', url: target = '' } = request;
    const length = headers['content-length'] ?? '0';
    if (length !== '0' || headers['transfer-encoding'] !== undefined) return refusal(413);
    const waitMs = resident.pace.next(this.#clock.monotonicMs(), this.#limits.requestTimeoutMs);
    if (waitMs === undefined)
      return problem(503, 'Throttled', 'Too many requests are waiting; ask less often.');
    if (waitMs > 0) await this.#pause(waitMs);
    let cancel = (): void => undefined;
    const late = new Promise<Answer>((resolve) => {
      cancel = this.#clock.schedule(this.#limits.requestTimeoutMs, () =>
        resolve(problem(503, 'RequestTimeout', 'No answer in time; try again.')),
      );
    });
    try {
      return await Promise.race([resident.router({ headers, method, target }), late]);
    } catch {
      return problem(500, 'InternalError', 'The metadata service failed.');
    } finally {
      cancel();
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.schedule(delayMs, resolve));
  }
}

/** What cannot be read as a request, or did not come in time. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  const status = MALFORMED[error.code ?? ''] ?? '400 Bad Request';
  if (socket.writable && error.code !== 'ECONNRESET') {
    socket.write(`HTTP/1.1 ${status}\r\nServer: EC2ws\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  }
  socket.destroy();
}
