/** Pulls from a real registry, directly and through a proxy that is slow or fails as it is told. */
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { InvalidContainerError } from '../src/contract/container-backend.ts';
import { EngineClient } from '../src/docker/engine-client.ts';
import { never, until, withDocker } from './docker-set-up.ts';

const docker = withDocker('docker');
const { registry, busybox } = inject('linux');
const digest = busybox.digest.split('@')[1];

/** What the proxy does instead of passing a request on. */
let fault: ((url: string, response: ServerResponse) => boolean) | undefined;
const urls: string[] = [];
const proxy = createServer((incoming, outgoing) => {
  const url = incoming.url ?? '';
  urls.push(url);
  if (fault?.(url, outgoing)) return;
  const [host, port] = registry.split(':');
  const onward = request(
    { host, port, method: incoming.method, path: url, headers: { ...incoming.headers, host: registry } },
    (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
});
let address: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
beforeEach(() => {
  fault = undefined;
  urls.length = 0;
});
afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
});

const reference = (text: string): { kind: 'registry'; reference: string } => ({
  kind: 'registry',
  reference: text,
});

test('by tag and by digest: the same image, with what it says of itself', async () => {
  const byTag = await docker.backend.pull(reference(busybox.tag), never);
  const byDigest = await docker.backend.pull(reference(busybox.digest), never);
  expect(byTag).toEqual(byDigest);
  expect(byTag).toMatchObject({
    digest,
    command: ['sh'],
    entrypoint: [],
    environment: { FROM_IMAGE: 'yes' },
    user: '',
  });
});

test('a digest is served from the cache, a tag never', async () => {
  await docker.backend.pull(reference(`${address}/test/busybox@${digest}`), never);
  urls.length = 0;
  await docker.backend.pull(reference(`${address}/test/busybox@${digest}`), never);
  expect(urls).toEqual([]);
  await docker.backend.pull(reference(`${address}/test/busybox:1`), never);
  expect(urls).not.toEqual([]);
});

test.each([
  ['no such digest', () => `${registry}/test/busybox@sha256:${'0'.repeat(64)}`],
  ['no such tag', () => `${registry}/test/busybox:never`],
  ['no such repository', () => `${registry}/never/there:1`],
  ['malformed', () => `${registry}/UPPER/case:1`],
  ['a malformed digest', () => `${registry}/test/busybox@sha256:12`],
])('%s is told at once', async (_what, text) => {
  await expect(docker.backend.pull(reference(text()), never)).rejects.toThrow(InvalidContainerError);
});

test('a registry that denies is not asked again; one that fails is, with pauses', async () => {
  const pauses: number[] = [];
  const backend = docker.newBackend({
    sleep: (delayMs) => {
      pauses.push(delayMs);
      return Promise.resolve();
    },
  });
  const fail = (status: number, code: string): void => {
    fault = (url, response) => {
      if (!url.includes('manifests')) return false;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ code, message: 'said by the test' }] }));
      return true;
    };
  };
  fail(403, 'DENIED');
  const denied = backend.pull(reference(`${address}/test/busybox:1`), never);
  await expect(denied).rejects.toThrow(InvalidContainerError);
  expect(pauses).toEqual([0]);

  pauses.length = 0;
  fail(500, 'UNKNOWN');
  const failing = backend.pull(reference(`${address}/test/busybox:1`), never);
  await expect(failing).rejects.not.toThrow(InvalidContainerError);
  expect(pauses).toEqual([0, 1_000, 3_000, 7_000, 15_000]);

  pauses.length = 0;
  const closed = backend.pull(reference('127.0.0.1:1/test/busybox:1'), never);
  await expect(closed).rejects.toThrow('connection refused');
  expect(pauses).toHaveLength(5);

  pauses.length = 0;
  let manifests = 0;
  fault = (url, response) => {
    if (!url.includes('manifests') || ++manifests > 2) return false;
    response.writeHead(503).end();
    return true;
  };
  await backend.pull(reference(`${address}/test/busybox:1`), never);
  expect(pauses.length).toBeGreaterThan(1);
  await backend.close();
});

test('abort breaks off a pull that hangs, and the connection to the registry; the next pull works', async () => {
  let isClosed = false;
  fault = (url, response) => {
    if (!url.includes('manifests')) return false;
    response.once('close', () => (isClosed = true));
    return true;
  };
  const controller = new AbortController();
  const pull = docker.backend.pull(reference(`${address}/test/busybox:1`), controller.signal);
  const other = docker.backend.pull(reference(`${address}/test/busybox:1`), never);
  await until(() => urls.some((url) => url.includes('manifests')));
  controller.abort(new Error('enough'));
  await expect(pull).rejects.toThrow('enough');
  // The other caller still waits for the shared pull.
  expect(isClosed).toBe(false);
  expect(urls.filter((url) => url.includes('manifests'))).toHaveLength(1);
  fault = undefined;
  proxy.closeAllConnections();
  expect(await other).toMatchObject({ digest });

  // In the middle of a layer that the engine does not have.
  const layer = await layerDigest();
  const client = new EngineClient({ socketPath: docker.socketPath });
  await client.call('DELETE', `/images/${docker.image.id}`, { query: { force: 'true' } });
  client.close();
  isClosed = false;
  fault = (url, response) => {
    if (!url.endsWith(`/blobs/${layer}`)) return false;
    response.writeHead(200, { 'content-length': '1000000' });
    // Slow, not dead: an engine that reads nothing does not notice that nobody wants it any more.
    const trickle = setInterval(() => response.write('x'.repeat(1_000)), 50);
    response.once('close', () => {
      clearInterval(trickle);
      isClosed = true;
    });
    return true;
  };
  urls.length = 0;
  const alone = new AbortController();
  const last = docker.backend.pull(reference(`${address}/test/busybox:1`), alone.signal);
  await until(() => urls.some((url) => url.endsWith(layer)));
  alone.abort(new Error('enough'));
  await expect(last).rejects.toThrow('enough');
  await until(() => isClosed);
  fault = undefined;
  expect(await docker.backend.pull(reference(busybox.digest), never)).toMatchObject({ digest });
});

async function layerDigest(): Promise<string> {
  const response = await fetch(`http://${registry}/v2/test/busybox/manifests/${digest}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  const { layers } = (await response.json()) as { layers: { digest: string }[] };
  return layers[0].digest;
}
