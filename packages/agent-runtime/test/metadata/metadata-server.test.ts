/**
 * The HTTP door on loopback, where each address of 127.0.0.0/8 stands for a container: limits, identity, and whatever
 * bytes a container may send.
 */
import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MetadataLimits, MetadataServer } from '../../src/metadata/metadata-server.ts';
import type { Clock } from '../../src/host/clock.ts';
import { RequestPace } from '../../src/metadata/request-pace.ts';
import { SessionTokens } from '../../src/metadata/session-tokens.ts';
import { container, PLACEMENT } from './containers.ts';
import { FakeClock } from '../host/fake-clock.ts';
import { exchange, get, open, write } from './raw-client.ts';
import { attempt, expectedStatus, marksOf } from './request-arbitrary.ts';

const A = '127.0.0.2';
const B = '127.0.0.3';
const STRANGER = '127.0.0.4';
const a = container('a', A);
const b = container('b', B, { requireToken: true });
const ID = '/latest/meta-data/instance-id';

const tokens = new SessionTokens();
let server: MetadataServer;

async function start(limits: Partial<MetadataLimits> = {}, clock?: Clock): Promise<number> {
  server = new MetadataServer({
    placement: PLACEMENT,
    limits: { requestsPerSecond: 1e6, ...limits },
    tokens,
    ...(clock !== undefined && { clock }),
  });
  server.register(a);
  server.register(b);
  await server.listen({ port: 0, host: '127.0.0.1' });
  return server.port!;
}

afterEach(() => server.close());

describe('identity', () => {
  test('is the source address; a stranger learns nothing', async () => {
    const port = await start();
    expect(await get(port, A, ID)).toMatchObject({ status: 200, body: 'task-a' });
    expect(await get(port, B, ID)).toMatchObject({ status: 401, body: '' });
    for (const target of ['/', ID, '/latest/meta-data/iam/security-credentials/role-a']) {
      expect(await get(port, STRANGER, target)).toMatchObject({ status: 403, body: '' });
    }
    expect(server.counters).toMatchObject({ requests: 5, strangers: 3, failures: 0 });
  });

  test('ends with the task: its open connections are closed, and the address is free for another', async () => {
    const port = await start();
    const old = open(port, A);
    await once(old, 'connect');
    await get(port, A, ID);
    expect(() => server.register(container('c', A))).toThrow(/METADATA_ADDRESS_TAKEN.*task-c.*task-a/);
    expect((await get(port, A, ID)).body).toBe('task-a');
    const closed = once(old, 'close');
    server.unregister('task-a');
    await closed;
    expect((await get(port, A, ID)).status).toBe(403);
    server.register(container('c', A));
    expect((await get(port, A, ID)).body).toBe('task-c');
  });

  test('of a task that is registered again at another address, the old address is a stranger', async () => {
    const port = await start();
    server.register(container('a', STRANGER));
    expect((await get(port, A, ID)).status).toBe(403);
    expect((await get(port, STRANGER, ID)).body).toBe('task-a');
  });
});

describe('answers', () => {
  test('carry the name of the server, and close their connection', async () => {
    const port = await start();
    const { head } = await get(port, A, ID);
    expect(head).toContain('Server: EC2ws');
    expect(head).toContain('Connection: close');
    expect(head).toContain('Content-Length: 6');
    const both =
      write({ method: 'GET', target: ID, headers: {} }) + write({ method: 'GET', target: '/', headers: {} });
    expect((await exchange(port, A, both)).all.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test('to HEAD have no body', async () => {
    const port = await start();
    const answer = await exchange(port, A, write({ method: 'HEAD', target: ID, headers: {} }));
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.head).toContain('Content-Length: 6');
  });

  test('that take too long are 503', async () => {
    const port = await start({ requestTimeoutMs: 100 });
    const source = { credentials: () => new Promise<never>(() => undefined) };
    server.register(container('a', A, { role: { iamRole: a.role!.iamRole, source } }));
    const answer = await get(port, A, '/latest/meta-data/iam/security-credentials/role-a');
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toMatchObject({ Code: 'RequestTimeout' });
    expect(server.counters.failures).toBe(1);
  });
});

describe('limits', () => {
  test('no body is taken', async () => {
    const port = await start();
    const put = 'PUT /latest/api/token HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n';
    expect((await exchange(port, A, `${put}Content-Length: 0\r\n\r\n`)).status).toBe(200);
    expect((await exchange(port, A, `${put}Content-Length: 5\r\n\r\nhello`)).status).toBe(413);
    expect((await exchange(port, A, `${put}Content-Length: 9999999999\r\n\r\n`)).status).toBe(413);
    expect((await exchange(port, A, `${put}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).status).toBe(413);
    const expecting = await exchange(port, A, `${put}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
    expect(expecting.status).toBe(413);
  });

  test('a head over 8 KiB is refused', async () => {
    const port = await start();
    const headers = { host: '169.254.169.254', x: 'x'.repeat(9_000) };
    expect((await exchange(port, A, write({ method: 'GET', target: '/', headers }))).status).toBe(431);
  });

  test('a silent connection and a slow head are ended', async () => {
    const port = await start({ requestTimeoutMs: 150 });
    expect((await exchange(port, A, '')).status).toBe(408);
    expect((await exchange(port, A, 'GET / HTTP/1.1\r\nHost: 169')).status).toBe(408);
    expect((await get(port, A, ID)).status).toBe(200);
  });

  test('connections of one container, and of all strangers together', async () => {
    const port = await start({ connectionsPerContainer: 3 });
    const silent = [A, A, A, STRANGER, '127.0.0.5', '127.0.0.6'].map((from) => open(port, from));
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    expect((await get(port, A, ID)).status).toBeUndefined();
    expect((await get(port, '127.0.0.7', ID)).status).toBeUndefined();
    expect((await get(port, B, ID)).status).toBe(401);
    expect(server.counters.overLimit).toBe(2);
    for (const socket of silent) socket.destroy();
    // The server sees the ends a moment later.
    await expect.poll(async () => (await get(port, A, ID)).status).toBe(200);
  });

  test('of requests a second: never more than the burst and what time has brought, and the burst at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 100 }),
        (perSecond, burst, gaps) => {
          const pace = new RequestPace(perSecond, burst);
          const startsMs: number[] = [];
          let nowMs = 0;
          for (const [index, gap] of gaps.entries()) {
            nowMs += index === 0 ? 0 : gap;
            startsMs.push(nowMs + pace.next(nowMs, Infinity)!);
            if (index < burst) expect(startsMs[index]).toBe(nowMs);
          }
          for (const [first, fromMs] of startsMs.entries()) {
            for (const [last, toMs] of startsMs.entries()) {
              if (last < first) continue;
              const most = burst + ((toMs - fromMs) / 1_000) * perSecond;
              expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6);
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('requests that would wait for too long are not counted', () => {
    const pace = new RequestPace(10, 1);
    expect([pace.next(0, 150), pace.next(0, 150), pace.next(0, 150)]).toEqual([0, 100, undefined]);
    expect([pace.next(50, 150), pace.next(50, 150)]).toEqual([150, undefined]);
  });

  /** A container that has used up its burst. */
  const exhausted = async (limits: Partial<MetadataLimits>): Promise<[port: number, clock: FakeClock]> => {
    const clock = new FakeClock();
    const port = await start({ burst: 1, ...limits }, clock);
    expect((await get(port, A, ID)).status).toBe(200);
    expect(clock.pending).toBe(0);
    return [port, clock];
  };

  test('of a connection only the first request is taken, however many are sent', async () => {
    const [port, clock] = await exhausted({ requestsPerSecond: 1 });
    const request = write({ method: 'GET', target: ID, headers: {} });
    const flood = open(port, A);
    // Far more than the buffers of both sides hold.
    flood.write(request.repeat((40 * 2 ** 20) / request.length));
    await expect.poll(() => clock.pending).toBe(1);
    expect((await get(port, B, ID)).status).toBe(401);
    expect(clock.pending).toBe(1);
    expect(flood.writableLength).toBeGreaterThan(0);
    flood.destroy();
  });

  test('requests that wait are bounded, also of connections that are gone', async () => {
    const [port, clock] = await exhausted({ requestsPerSecond: 1, requestTimeoutMs: 3_000 });
    const sockets = Array.from({ length: 3 }, () => open(port, A));
    for (const socket of sockets) socket.write(write({ method: 'GET', target: ID, headers: {} }));
    await expect.poll(() => clock.pending).toBe(3);
    for (const socket of sockets) socket.destroy();
    const answer = await get(port, A, ID);
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toMatchObject({ Code: 'Throttled' });
    expect(clock.pending).toBe(3);
  });

  test('a container over its pace waits, and the other does not', async () => {
    const port = await start({ requestsPerSecond: 0.5, burst: 2 });
    await get(port, A, ID);
    await get(port, A, ID);
    let answered = false;
    void get(port, A, ID).then(({ status }) => (answered = status !== undefined));
    expect((await get(port, B, ID)).status).toBe(401);
    expect((await get(port, B, ID)).status).toBe(401);
    expect(answered).toBe(false);
  });
});

describe('whatever comes', () => {
  let port: number;
  beforeEach(async () => {
    port = await start();
  });

  test('requests get what the table says, over the wire too', async () => {
    await fc.assert(
      fc.asyncProperty(attempt, fc.constantFrom(A, B, STRANGER), async (tried, from) => {
        // The parser takes no other target.
        fc.pre(/^(\/|http:)/.test(tried.target));
        const [who, name] = from === B ? ([b, 'b'] as const) : ([a, 'a'] as const);
        const other = from === B ? a : b;
        const token = {
          none: undefined,
          own: tokens.issue(who.taskId, 60),
          'of the other': tokens.issue(other.taskId, 60),
          spent: tokens.issue(who.taskId, 0),
          garbage: 'a.b.c',
        }[tried.token];
        const headers = {
          ...tried.headers,
          ...(token !== undefined && { 'x-aws-ec2-metadata-token': token }),
        };
        const answer = await exchange(port, from, write({ ...tried, headers }));
        expect(answer.status).toBe(from === STRANGER ? 403 : expectedStatus(who, name, tried));
        for (const [stranger, mark] of [
          [a, 'a'],
          [b, 'b'],
        ] as const) {
          if (from !== STRANGER && stranger === who) continue;
          for (const secret of marksOf(stranger, mark)) expect(answer.all).not.toContain(secret);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('bytes that are no request are refused without a word, and the server lives on', async () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(
        'GET ',
        ID,
        ' HTTP/1.1',
        ' HTTP/9.9',
        '\r\n',
        '\r\n\r\n',
        '\n',
        '\0',
        'Host: x\r\n',
        ': ',
        'CONNECT ',
      ),
      fc.constantFrom(
        'Content-Length: 1, 2\r\n',
        'Transfer-Encoding: gzip\r\n',
        'Upgrade: h2c\r\nConnection: Upgrade\r\n',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 8 }), async (parts) => {
        const bytes = Buffer.from(`${parts.join('')}\r\n\r\nX\r\n\r\n`, 'latin1');
        const { status, all } = await exchange(port, B, bytes);
        if (status !== undefined) expect(status).toBeLessThan(500);
        for (const mark of [...marksOf(a, 'a'), ...marksOf(b, 'b')]) expect(all).not.toContain(mark);
      }),
      { numRuns: 300 },
    );
    expect((await get(port, A, ID)).body).toBe('task-a');
    expect(server.counters.failures).toBe(0);
  });
});
