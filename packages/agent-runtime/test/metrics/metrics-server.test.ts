import { request } from 'node:http';
import { access, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HealthReport } from '../../src/health/health-monitor.ts';
import { AgentMetrics } from '../../src/metrics/agent-metrics.ts';
import { type MetricsAddress, MetricsServer } from '../../src/metrics/metrics-server.ts';
import { withFolder } from '../host/temporary-folder.ts';
import { parseExposition } from './exposition.ts';

const HEALTHY: HealthReport = { state: 'healthy', sinceMs: 5, reasons: [] };

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly text: string;
}

function ask(address: string, path: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = address.startsWith('http')
      ? { host: new URL(address).hostname, port: new URL(address).port }
      : { socketPath: address };
    request({ ...target, path, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          type: response.headers['content-type'],
          text: Buffer.concat(chunks).toString(),
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}

async function withServer(
  options: { address?: MetricsAddress; health?: () => HealthReport; text?: () => Promise<string> },
  run: (server: MetricsServer) => Promise<void>,
): Promise<void> {
  const metrics = new AgentMetrics({ liveTasks: () => [] });
  const server = await MetricsServer.open({
    address: options.address ?? { port: 0 },
    metrics: options.text === undefined ? metrics : { contentType: 'text/plain', text: options.text },
    health: options.health ?? (() => HEALTHY),
  });
  try {
    await run(server);
  } finally {
    await server.close();
  }
}

const codeOf = async (address: MetricsAddress): Promise<unknown> =>
  withServer({ address }, () => Promise.resolve()).then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );

describe('MetricsServer', () => {
  it('serves metrics that can be parsed', () =>
    withServer({}, async ({ address }) => {
      expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      const { status, type, text } = await ask(address, '/metrics?x=1');
      expect(status).toBe(200);
      expect(type).toMatch(/^text\/plain/);
      expect(parseExposition(text).has('stowage_agent_fenced')).toBe(true);
      expect(await ask(address, '/metrics', 'HEAD')).toMatchObject({ status: 200, text: '' });
    }));

  it('tells the health as status and reasons', async () => {
    let report = HEALTHY;
    await withServer({ health: () => report }, async ({ address }) => {
      expect((await ask(address, '/healthz')).status).toBe(200);
      const reasons = [{ check: 'disk', message: 'full', sinceMs: 1, fences: true }];
      report = { state: 'degraded', sinceMs: 5, reasons };
      expect((await ask(address, '/healthz')).status).toBe(200);
      report = { state: 'fenced', sinceMs: 5, reasons };
      const { status, text } = await ask(address, '/healthz');
      expect(status).toBe(503);
      expect(JSON.parse(text)).toEqual(report);
    });
  });

  it('answers other paths and methods, and failures', () =>
    withServer({ text: () => Promise.reject(new Error('no numbers')) }, async ({ address }) => {
      expect((await ask(address, '/')).status).toBe(404);
      expect((await ask(address, '/metrics', 'POST')).status).toBe(405);
      expect(await ask(address, '/metrics')).toMatchObject({ status: 500, text: 'no numbers\n' });
    }));

  it('listens on a unix socket, also where a dead process left one', () =>
    withFolder({}, async (root) => {
      const socketPath = join(root, 's');
      const address = { socketPath };
      await withServer({ address }, async (server) => {
        expect(server.address).toBe(socketPath);
        expect((await ask(socketPath, '/healthz')).status).toBe(200);
        // A live one is not replaced.
        expect(await codeOf(address)).toBe('METRICS_ADDRESS_UNUSABLE');
        expect((await ask(socketPath, '/healthz')).status).toBe(200);
      });
      const { spawnSync } = await import('node:child_process');
      const script = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`;
      spawnSync(process.execPath, ['-e', script]);
      await access(socketPath);
      await withServer({ address }, async () => {
        expect((await ask(socketPath, '/healthz')).status).toBe(200);
      });
    }));

  it('replaces nothing that is no socket', () =>
    withFolder({}, async (root) => {
      const socketPath = join(root, 'precious');
      await writeFile(socketPath, 'data');
      expect(await codeOf({ socketPath })).toBe('METRICS_ADDRESS_UNUSABLE');
      await access(socketPath);
    }));

  it('says when a port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      expect(await codeOf({ port })).toBe('METRICS_ADDRESS_UNUSABLE');
    } finally {
      other.close();
    }
  });

  it.each<[string, MetricsAddress]>([
    ['every address of the host', { host: '0.0.0.0', port: 0 }],
    ['an outer address', { host: '192.0.2.1', port: 0 }],
    ['a name', { host: 'example.org', port: 0 }],
    ['something like loopback', { host: '127.0.0.1.example.org', port: 0 }],
    ['a port beyond the last', { port: 65_536 }],
    ['a fraction', { port: 1.5 }],
    ['a path that is cut', { socketPath: `/tmp/${'x'.repeat(110)}` }],
    ['no path', { socketPath: '' }],
  ])('refuses %s', async (_, address) => {
    expect(await codeOf(address)).toBe('INVALID_OPTION');
  });

  it('closes twice, with an open connection', async () => {
    const server = await MetricsServer.open({
      address: { port: 0 },
      metrics: { contentType: 'text/plain', text: () => new Promise(() => undefined) },
      health: () => HEALTHY,
    });
    const pending = ask(server.address, '/metrics').catch((error: unknown) => error);
    await ask(server.address, '/healthz');
    await server.close();
    expect(await pending).toBeInstanceOf(Error);
    await server.close();
  });
});
