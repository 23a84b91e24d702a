/** Tries, pauses, cache and shared pulls, against an engine that answers as a test wants. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { InvalidContainerError } from '../../src/contract/container-backend.ts';
import { EngineCalls, type RegistryCredentials } from '../../src/docker/engine-calls.ts';
import { EngineClient } from '../../src/docker/engine-client.ts';
import { EngineError } from '../../src/docker/engine-error.ts';
import { ImagePulls, PULL_DELAYS_MS } from '../../src/docker/image-pulls.ts';
import { type Answer, FakeEngine, json } from './fake-engine.ts';

const never = new AbortController().signal;
const DIGEST = `sha256:${'a'.repeat(64)}`;
const IMAGE = {
  Id: `sha256:${'b'.repeat(64)}`,
  RepoDigests: [`other@sha256:${'c'.repeat(64)}`, `host:5000/name@${DIGEST}`],
  Config: {
    Entrypoint: ['/entry'],
    Cmd: null,
    Env: ['A=1', 'B=x=y', 'C'],
    WorkingDir: '/w',
    User: '5',
    StopSignal: 'SIGINT',
    Labels: { l: 'v' },
  },
};

interface SetUp {
  readonly engine: FakeEngine;
  readonly pulls: ImagePulls;
  readonly pausesMs: number[];
  readonly tries: () => number;
}

/** @param pull - answers each try; images are there from the first success on */
async function setUp(
  pull: Answer,
  options: { isCached?: boolean; credentials?: RegistryCredentials } = {},
): Promise<SetUp> {
  let isThere = options.isCached ?? false;
  const engine = await FakeEngine.start((request, response) => {
    if (request.path !== '/images/create') {
      if (isThere) json(response, 200, IMAGE);
      else json(response, 404, { message: 'No such image' });
      return;
    }
    response.once('finish', () => (isThere = true));
    pull(request, response);
  });
  const pausesMs: number[] = [];
  const pulls = new ImagePulls(new EngineCalls(new EngineClient({ socketPath: engine.socketPath })), {
    sleep: (delayMs, signal) => {
      signal?.throwIfAborted();
      pausesMs.push(delayMs);
      return Promise.resolve();
    },
    delaysMs: PULL_DELAYS_MS,
    credentials: () => Promise.resolve(options.credentials),
  });
  const tries = (): number => engine.requests.filter(({ path }) => path === '/images/create').length;
  return { engine, pulls, pausesMs, tries };
}

const succeed: Answer = (_, response) => response.end('{"status":"Pulling"}\r\n{"status":"Done"}\r\n');
const failWith =
  (message: string): Answer =>
  (_, response) =>
    response.end(
      `{"status":"Pulling"}\r\n${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`,
    );

test('what the image says of itself', async () => {
  const { pulls, engine } = await setUp(succeed);
  expect(await pulls.pull('host:5000/name:tag', never)).toEqual({
    id: IMAGE.Id,
    digest: DIGEST,
    entrypoint: ['/entry'],
    command: [],
    environment: { A: '1', B: 'x=y', C: '' },
    workingDirectory: '/w',
    user: '5',
    stopSignal: 'SIGINT',
    labels: { l: 'v' },
  });
  const { query, headers } = engine.requests[0];
  expect([query.get('fromImage'), query.get('tag')]).toEqual(['host:5000/name', 'tag']);
  expect(headers['x-registry-auth']).toBeUndefined();
});

test('credentials go to the engine as it wants them', async () => {
  const { pulls, engine } = await setUp(succeed, { credentials: { username: 'u', password: 'pä' } });
  await pulls.pull('host:5000/name:tag', never);
  const header = String(engine.requests[0].headers['x-registry-auth']);
  expect(header).toMatch(/^(?:[\w-]{4})*(?:[\w-]{2}==|[\w-]{3}=)?$/);
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
    username: 'u',
    password: 'pä',
    serveraddress: 'host:5000',
  });
});

test('only a digest comes from the cache', async () => {
  const { pulls, tries } = await setUp(succeed, { isCached: true });
  expect(await pulls.pull(`host:5000/name:ignored@${DIGEST}`, never)).toMatchObject({ digest: DIGEST });
  expect(tries()).toBe(0);
  await pulls.pull('host:5000/name:tag', never);
  await pulls.pull('host:5000/name:tag', never);
  expect(tries()).toBe(2);
});

describe('tries', () => {
  test.each<[string, Answer]>([
    ['an error of the engine', (_, response) => json(response, 500, { message: 'connection refused' })],
    ['an error in the stream', failWith('unexpected EOF')],
    [
      'a cut stream',
      (_, response) => {
        response.write('{"status":"Pulling"}\r\n');
        setTimeout(() => response.destroy(), 5);
      },
    ],
    ['a garbled stream', (_, response) => response.end('<html>')],
    ['a closed connection', (_, response) => response.destroy()],
  ])('%s: five times, with growing pauses', async (_what, answer) => {
    const { pulls, pausesMs } = await setUp(answer);
    const outcome = pulls.pull('host:5000/name:tag', never);
    await expect(outcome).rejects.toThrow(EngineError);
    expect(pausesMs).toEqual([0, 1_000, 3_000, 7_000, 15_000]);
  });

  test('until one succeeds', async () => {
    let count = 0;
    const { pulls, pausesMs } = await setUp((request, response) =>
      (++count < 3 ? failWith('received unexpected HTTP status: 503') : succeed)(request, response),
    );
    expect(await pulls.pull('host:5000/name:tag', never)).toMatchObject({ id: IMAGE.Id });
    expect(pausesMs).toEqual([0, 1_000, 3_000]);
  });

  test.each([
    'manifest for host:5000/name@sha256:aa not found: manifest unknown: manifest unknown',
    'name unknown: repository name not known to registry',
    'invalid reference format',
    "pull access denied for name, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'unauthorized: authentication required',
    'no matching manifest for linux/amd64 in the manifest list entries',
  ])('only one when the registry says: %s', async (message) => {
    for (const answer of [failWith(message), ((_, response) => json(response, 404, { message })) as Answer]) {
      const { pulls, tries } = await setUp(answer);
      await expect(pulls.pull('host:5000/name:tag', never)).rejects.toThrow(InvalidContainerError);
      expect(tries()).toBe(1);
    }
  });
});

describe('shared pulls', () => {
  test('one for all who ask for the same, and a new one afterwards', async () => {
    const { pulls, tries } = await setUp(
      (request, response) => void setTimeout(() => succeed(request, response), 50),
    );
    const images = await Promise.all([1, 2, 3].map(() => pulls.pull('host:5000/name:tag', never)));
    expect(new Set(images).size).toBe(1);
    expect(tries()).toBe(1);
    await pulls.pull('host:5000/name:tag', never);
    expect(tries()).toBe(2);
  });

  test('abort of one is not that of the others; abort of all breaks the pull off', async () => {
    let closed = 0;
    let finish: (() => void) | undefined;
    const { pulls, tries } = await setUp((request, response) => {
      response.once('close', () => (closed += 1));
      response.write('{"status":"Pulling"}\r\n');
      finish = () => succeed(request, response);
    });
    const controllers = [1, 2, 3].map(() => new AbortController());
    const outcomes = controllers.map(({ signal }) =>
      pulls.pull('host:5000/name:tag', signal).catch((error: unknown) => (error as Error).message),
    );
    while (finish === undefined) await delay(1);
    controllers[0].abort(new Error('first'));
    expect(await outcomes[0]).toBe('first');
    await delay(20);
    expect(closed).toBe(0);
    finish();
    expect(await outcomes[1]).toMatchObject({ id: IMAGE.Id });
    expect(await outcomes[2]).toMatchObject({ id: IMAGE.Id });

    finish = undefined;
    closed = 0;
    const alone = new AbortController();
    const last = pulls.pull('host:5000/name:tag', alone.signal);
    while (finish === undefined) await delay(1);
    alone.abort(new Error('last'));
    await expect(last).rejects.toThrow('last');
    while (closed === 0) await delay(1);
    // Whoever comes after that does not inherit the abort.
    finish = undefined;
    const next = pulls.pull('host:5000/name:tag', never);
    while (finish === undefined) await delay(1);
    (finish as () => void)();
    expect(await next).toMatchObject({ id: IMAGE.Id });
    expect(tries()).toBe(3);
  });
});
