/** The client against an engine that misbehaves: whatever comes, an `EngineError` in time, and never half an answer. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { EngineClient } from '../../src/docker/engine-client.ts';
import { EngineError, hasStatus, isConnectionFailure } from '../../src/docker/engine-error.ts';
import { jsonValues } from '../../src/docker/engine-streams.ts';
import { type Answer, FakeEngine, json } from './fake-engine.ts';

async function failureOf(work: Promise<unknown>): Promise<EngineError> {
  const error: unknown = await work.then(
    (value) => new Error(`no failure but ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

async function all(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const value of values) found.push(value);
  return found;
}

async function clientOf(
  answer: Answer,
  timeoutMs = 2_000,
): Promise<{ client: EngineClient; engine: FakeEngine }> {
  const engine = await FakeEngine.start(answer);
  return { client: new EngineClient({ socketPath: engine.socketPath, timeoutMs }), engine };
}

describe('call', () => {
  test('sends query, body and headers, and reads JSON or nothing', async () => {
    const { client, engine } = await clientOf(({ path }, response) =>
      path === '/none' ? response.writeHead(204).end() : json(response, 200, { ok: [1, 'ä'] }),
    );
    const body = { a: 'ü' };
    expect(
      await client.call('POST', '/some', { query: { x: 'a&b' }, body, headers: { 'x-y': 'z' } }),
    ).toEqual({
      ok: [1, 'ä'],
    });
    expect(await client.call('DELETE', '/none')).toBeUndefined();
    expect(engine.requests[0]).toMatchObject({ method: 'POST', path: '/some', body: JSON.stringify(body) });
    expect(engine.requests[0].query.get('x')).toBe('a&b');
    expect(engine.requests[0].headers['x-y']).toBe('z');
    client.close();
  });

  test.each<[string, Answer, number | undefined, string]>([
    [
      'an error with a message',
      (_, response) => json(response, 500, { message: 'it broke' }),
      500,
      'it broke',
    ],
    ['an error without JSON', (_, response) => response.writeHead(502).end('<html>'), 502, '<html>'],
    ['an error without content', (_, response) => response.writeHead(400).end(), 400, 'no reason given'],
    ['garbage for JSON', (_, response) => response.end('{"a":'), undefined, 'no JSON'],
    ['a connection closed at once', (_, response) => response.destroy(), undefined, 'socket hang up'],
    [
      'an answer that is cut',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"a":');
        setTimeout(() => response.destroy(), 20);
      },
      undefined,
      'could not be read',
    ],
    ['no answer at all', () => undefined, undefined, 'did not answer within 300 ms'],
    [
      'an answer that does not end',
      (_, response) => void response.writeHead(200).write('{'),
      undefined,
      'did not answer within 300 ms',
    ],
  ])('%s is told', async (_what, answer, status, message) => {
    const { client } = await clientOf(answer, 300);
    const error = await failureOf(client.call('GET', '/x'));
    expect(error.message).toContain(message);
    expect(error.status).toBe(status);
    expect(hasStatus(error, 400, 500, 502)).toBe(status !== undefined);
    expect(isConnectionFailure(error)).toBe(status === undefined);
    client.close();
  });

  test('an engine that is not there is told with what to do, and found when it comes', async () => {
    const { client, engine } = await clientOf((_, response) => json(response, 200, 'here'));
    await engine.stop();
    expect((await failureOf(client.call('GET', '/x'))).message).toContain('Is dockerd running?');
    await engine.listen();
    expect(await client.call('GET', '/x')).toBe('here');
    await engine.stop();
    await engine.listen();
    // Kept connections are dead now.
    expect(await client.call('GET', '/x')).toBe('here');
    client.close();
  });

  test('a kept connection that breaks at the request is used no more, and the request sent again', async () => {
    let isFirst = true;
    const { client, engine } = await clientOf(({ path }, response) => {
      if (path === '/second' && isFirst) {
        isFirst = false;
        response.socket!.destroy();
      } else json(response, 200, path);
    });
    expect(await client.call('GET', '/first')).toBe('/first');
    expect(await client.call('POST', '/second')).toBe('/second');
    expect(engine.requests.map(({ path }) => path)).toEqual(['/first', '/second', '/second']);
    client.close();
  });

  test('close breaks off what is under way, and nothing is sent afterwards', async () => {
    const { client, engine } = await clientOf(({ path }, response) => {
      if (path === '/first') json(response, 200, 'fine');
    });
    await client.call('GET', '/first');
    const call = failureOf(client.call('GET', '/second'));
    while (engine.requests.length < 2) await delay(1);
    client.close();
    await call;
    expect((await failureOf(client.call('GET', '/first'))).message).toContain('has been closed');
    expect(engine.requests).toHaveLength(2);
  });

  test('abort rejects with its reason, before and during', async () => {
    const { client } = await clientOf(() => undefined);
    const reason = new Error('enough');
    await expect(client.call('GET', '/x', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const call = client.call('GET', '/x', { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await expect(call).rejects.toBe(reason);
    client.close();
  });
});

describe('API version', () => {
  test.each([
    ['1.41', '1.12', '/v1.41/x'],
    ['1.47', '1.24', '/v1.41/x'],
    ['1.52', '1.44', '/v1.44/x'],
  ])('an engine with %s, back to %s', async (ApiVersion, MinAPIVersion, path) => {
    const { client, engine } = await clientOf((_, response) => json(response, 200, {}));
    engine.version = { ApiVersion, MinAPIVersion };
    const paths: string[] = [];
    engine.answer = (_, response) => {
      paths.push(response.req.url!);
      json(response, 200, {});
    };
    await client.call('GET', '/x');
    expect(paths).toEqual([path]);
    client.close();
  });

  test.each([[{ ApiVersion: '1.40' }], [{ ApiVersion: '1.9' }], [{}], ['[]'], ['nonsense'], ['']])(
    '%j is refused, and asked for again at the next call',
    async (version) => {
      const { client, engine } = await clientOf((_, response) => json(response, 200, 'fine'));
      engine.version = version;
      await failureOf(client.call('GET', '/x'));
      engine.version = { ApiVersion: '1.41' };
      expect(await client.call('GET', '/x')).toBe('fine');
      client.close();
    },
  );
});

describe('stream', () => {
  test('gives values as they come, and breaks the connection off when it is left', async () => {
    let isClosed = false;
    const { client } = await clientOf((_, response) => {
      response.once('close', () => (isClosed = true));
      response.write('{"n":1}\r\n{"n"');
      setTimeout(() => response.write(':2}\r\n'), 20);
    });
    for await (const value of jsonValues(client.stream('GET', '/x'))) {
      if ((value as { n: number }).n === 2) break;
    }
    while (!isClosed) await delay(5);
    client.close();
  });

  test.each<[string, Answer]>([
    ['cut inside a value', (_, response) => response.end('{"n":1}\n{"n"')],
    [
      'cut off',
      (_, response) => {
        response.write('{"n":1}\n');
        setTimeout(() => response.destroy(), 20);
      },
    ],
    ['garbage', (_, response) => response.end('{"n":1}\nnonsense\n')],
  ])('%s: what was whole, then a failure of the connection', async (_what, answer) => {
    const { client } = await clientOf(answer);
    const values: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const value of jsonValues(client.stream('GET', '/x'))) values.push(value);
    };
    expect(isConnectionFailure(await failureOf(read()))).toBe(true);
    expect(values).toEqual([{ n: 1 }]);
    client.close();
  });

  test('has no time limit, but abort ends it', async () => {
    const { client } = await clientOf((_, response) => void response.writeHead(200).write('1\n'), 100);
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 300);
    const before = performance.now();
    const stream = client.stream('GET', '/x', { signal: controller.signal });
    await expect(all(stream)).rejects.toBe(reason);
    expect(performance.now() - before).toBeGreaterThan(200);
    client.close();
  });
});
