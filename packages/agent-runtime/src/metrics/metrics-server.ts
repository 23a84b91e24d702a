/**
 * Serves `/metrics` and `/healthz` over HTTP, on a loopback address or a unix socket only: there is no login here, and
 * the numbers name tasks. Who collects from elsewhere puts a proxy with a login before it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { lstat, unlink } from 'node:fs/promises';
import { connect, isIP } from 'node:net';
import { AgentError } from '@stowage/protocol';
import type { HealthReport } from '../health/health-monitor.ts';

/** @public */
export type MetricsAddress =
  /** A loopback address, default 127.0.0.1, and a port; 0 = any free one. */
  | { readonly host?: string; readonly port: number }
  /** Path of a unix socket. One that a dead process left there is replaced. */
  | { readonly socketPath: string };

/** @public */
export interface MetricsServerOptions {
  readonly address: MetricsAddress;
  /** As `AgentMetrics`. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  readonly health: () => HealthReport;
}

/** @public */
export class MetricsServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * @throws AgentError `INVALID_OPTION` when the address is not one of this host alone,
   * `METRICS_ADDRESS_UNUSABLE` when it is in use or must not be used
   */
  static async open({ address, metrics, health }: MetricsServerOptions): Promise<MetricsServer> {
    const target = checked(address);
    const server = createServer((request, response) => {
      answer(request, response, metrics, health).catch((error: unknown) => {
        if (!response.headersSent) response.statusCode = 500;
        response.end(`${error instanceof Error ? error.message : String(error)}\n`);
      });
    });
    server.maxConnections = 32;
    server.headersTimeout = 5_000;
    server.requestTimeout = 10_000;
    await listen(server, target);
    // A connection that could not be accepted must not end the agent.
    server.on('error', (error) => process.emitWarning(error.message, 'MetricsServerWarning'));
    return new MetricsServer(server);
  }

  /** `http://<address>:<port>`, or the path of the socket. */
  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return address ?? '';
    const { address: host, port } = address;
    return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  }

  /** Ends open connections as well. Later calls change nothing. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: MetricsServerOptions['metrics'],
  health: () => HealthReport,
): Promise<void> {
  request.resume();
  const [path] = (request.url ?? '').split('?');
  const say = (status: number, type: string, text: string): void => {
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    say(405, 'text/plain', 'Only GET and HEAD.\n');
  } else if (path === '/metrics') {
    say(200, metrics.contentType, await metrics.text());
  } else if (path === '/healthz') {
    const report = health();
    say(report.state === 'fenced' ? 503 : 200, 'application/json', `${JSON.stringify(report)}\n`);
  } else {
    say(404, 'text/plain', 'There are /metrics and /healthz.\n');
  }
}

type Target = { readonly host: string; readonly port: number } | { readonly path: string };

function checked(address: MetricsAddress): Target {
  if ('socketPath' in address) {
    // The kernel's struct has 108 bytes with the final zero; Node cuts longer paths in silence.
    if (address.socketPath !== '' && Buffer.byteLength(address.socketPath) < 108)
      return { path: address.socketPath };
    throw invalid(`the path of the socket, '${address.socketPath}', must have 1 to 107 bytes`);
  }
  const { host = '127.0.0.1', port } = address;
  const isLoopback = host === '::1' || host === 'localhost' || (isIP(host) === 4 && host.startsWith('127.'));
  if (!isLoopback)
    throw invalid(
      `${host} is no loopback address; listen on 127.0.0.1 and put a proxy with a login before it`,
    );
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw invalid(`${port} is no port; give 0 to 65,535`);
  return { host, port };
}

function invalid(what: string): AgentError {
  return new AgentError('INVALID_OPTION', `Metrics cannot be served: ${what}.`);
}

async function listen(server: Server, target: Target): Promise<void> {
  try {
    await tryToListen(server, target);
  } catch (error) {
    const isInUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    try {
      if (!isInUse || !('path' in target) || !(await isLeftBehind(target.path))) throw error;
      await unlink(target.path);
      await tryToListen(server, target);
    } catch (last) {
      const where = 'path' in target ? target.path : `${target.host}:${target.port}`;
      const reason = last instanceof Error ? last.message : String(last);
      throw new AgentError(
        'METRICS_ADDRESS_UNUSABLE',
        `Metrics cannot be served at ${where} (${reason}); choose another address or end what uses it.`,
        last,
      );
    }
  }
}

async function tryToListen(server: Server, target: Target): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(target, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Whether there is a socket at which nobody listens. A plain file refuses connections as well. */
async function isLeftBehind(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSocket()) return false;
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
