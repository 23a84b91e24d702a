/** A small HTTP server on a unix socket that plays the engine, and misbehaves as a test wants. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

export interface FakeRequest {
  readonly method: string;
  /** Without the API version. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (request: FakeRequest, response: ServerResponse) => void;

export class FakeEngine {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'stw-fake-'));
  readonly socketPath: string = join(this.folder, 'sock');
  readonly requests: FakeRequest[] = [];
  version: unknown = { ApiVersion: '1.41', MinAPIVersion: '1.12' };
  answer: Answer;
  #server: Server;

  private constructor(answer: Answer) {
    this.answer = answer;
    this.#server = this.#newServer();
  }

  static async start(answer: Answer): Promise<FakeEngine> {
    const engine = new FakeEngine(answer);
    running.push(engine);
    await engine.listen();
    return engine;
  }

  async listen(): Promise<void> {
    this.#server = this.#newServer();
    await new Promise<void>((resolve) => this.#server.listen(this.socketPath, resolve));
  }

  /** As a killed engine: connections break. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #newServer(): Server {
    return createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', () => undefined);
      incoming.on('end', () => {
        const url = new URL(incoming.url ?? '', 'http://engine');
        if (url.pathname === '/version') {
          response.end(typeof this.version === 'string' ? this.version : JSON.stringify(this.version));
          return;
        }
        const request: FakeRequest = {
          method: incoming.method ?? '',
          path: url.pathname.replace(/^\/v[\d.]+/, ''),
          query: url.searchParams,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        };
        this.requests.push(request);
        this.answer(request, response);
      });
    });
  }
}

const running: FakeEngine[] = [];

afterEach(async () => {
  for (const engine of running.splice(0)) {
    await engine.stop();
    rmSync(engine.folder, { recursive: true, force: true });
  }
});

export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
