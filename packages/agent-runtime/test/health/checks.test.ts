import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockCheck } from '../../src/health/clock-check.ts';
import type { HealthCheck } from '../../src/health/health-check.ts';
import { reasonOf } from '../../src/health/health-check.ts';
import { diskCheck, memoryCheck } from '../../src/health/resource-checks.ts';
import { engineCheck, registryCheck } from '../../src/health/service-checks.ts';
import { FakeClock } from '../host/fake-clock.ts';
import { withFolder, writeFiles } from '../host/temporary-folder.ts';

/** Undefined when all is in order. */
async function outcome(
  check: HealthCheck,
  signal = new AbortController().signal,
): Promise<string | undefined> {
  try {
    await check.run(signal);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

async function withServer(status: number | 'silent', run: (url: string) => Promise<void>): Promise<void> {
  const paths: (string | undefined)[] = [];
  const server: Server = createServer((request, response) => {
    paths.push(request.url);
    if (status !== 'silent') response.writeHead(status, { location: '/elsewhere' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(paths).toEqual(['/v2/']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('registryCheck', () => {
  it.each([200, 401])('is content with status %i', (status) =>
    withServer(status, async (url) => {
      expect(await outcome(registryCheck({ url }))).toBeUndefined();
    }),
  );

  it.each([302, 404, 500, 503])('is not content with status %i', (status) =>
    withServer(status, async (url) => {
      expect(await outcome(registryCheck({ url }))).toContain(`status ${status}`);
    }),
  );

  it('tells that nobody listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await outcome(registryCheck({ url: `http://127.0.0.1:${port}` }))).toMatch(/ECONNREFUSED|refused/);
  });

  it('gives up when it is told to', () =>
    withServer('silent', async (url) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('too long')), 50);
      expect(await outcome(registryCheck({ url }), controller.signal)).toContain('too long');
    }));
});

describe('engineCheck', () => {
  it('passes on what the engine says', async () => {
    expect(await outcome(engineCheck(async () => 'OK'))).toBeUndefined();
    expect(await outcome(engineCheck(() => Promise.reject(new Error('no socket'))))).toBe('no socket');
  });
});

describe('diskCheck', () => {
  const folder = fc.record({
    bavail: fc.nat(4_000_000),
    bsize: fc.constantFrom(1_024, 4_096),
    files: fc.constantFrom(0, 1_000_000),
    ffree: fc.nat(20_000),
  });

  it('names exactly the folders that are short', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(folder, { maxLength: 4 }), async (list) => {
        const text = await outcome(
          diskCheck({
            folders: list.map((_, at) => `/f${at}`),
            minFreeMiB: 1_000,
            minFreeInodes: 5_000,
            statfs: async (path) => list[Number(path.slice(2))],
          }),
        );
        list.forEach(({ bavail, bsize, files, ffree }, at) => {
          const isShort = bavail * bsize < 1_000 * 2 ** 20 || (files > 0 && ffree < 5_000);
          expect((text ?? '').includes(`/f${at} `)).toBe(isShort);
        });
      }),
    );
  });

  it('looks at real folders', async () => {
    expect(await outcome(diskCheck({ folders: ['/'], minFreeMiB: 0, minFreeInodes: 0 }))).toBeUndefined();
    expect(await outcome(diskCheck({ folders: ['/'], minFreeMiB: 2 ** 40 }))).toContain('MiB free');
    expect(await outcome(diskCheck({ folders: ['/nonexistent/stw'] }))).toContain('ENOENT');
  });
});

describe('memoryCheck', () => {
  const meminfo = (mib: number): string => `MemTotal:       9999999 kB\nMemAvailable:   ${mib * 1_024} kB\n`;
  const pressure = (percent: number): string =>
    `some avg10=99.00 avg60=99.00 avg300=99.00 total=1\nfull avg10=99.00 avg60=${percent}.00 avg300=99.00 total=1\n`;

  it.each([
    [256, undefined, undefined],
    [255, undefined, '255 MiB of memory are available, needs 256'],
    [256, 40, undefined],
    [256, 41, '41 % of the last minute'],
    [976, 41, '41 % of the last minute'],
    // So much is there that it is a container at its own limit.
    [977, 99, undefined],
  ])('judges %i MiB available and %s %% stalled', (mib, percent, expected) =>
    withFolder({ meminfo: meminfo(mib) }, async (procRoot) => {
      if (percent !== undefined) await writeFiles(procRoot, { 'pressure/memory': pressure(percent) });
      const text = await outcome(memoryCheck({ procRoot }));
      if (expected === undefined) expect(text).toBeUndefined();
      else expect(text).toContain(expected);
    }),
  );

  it('fails when it cannot know', () =>
    withFolder({ meminfo: 'MemTotal: 1 kB\n' }, async (procRoot) => {
      expect(await outcome(memoryCheck({ procRoot }))).toContain('MemAvailable');
    }));
});

describe('clockCheck', () => {
  it('tells of every jump once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 10 }),
        async (jumps) => {
          const clock = new FakeClock();
          const check = clockCheck({ clock, maxJumpMs: 2_000 });
          for (const jumpMs of jumps) {
            clock.wallOffsetMs += jumpMs;
            await clock.advance(30_000);
            const text = await outcome(check);
            if (Math.abs(jumpMs) > 2_000) expect(text).toContain(`by ${jumpMs} ms`);
            else expect(text).toBeUndefined();
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('asks another source', async () => {
    const at = (offset: number): HealthCheck => clockCheck({ offsetMs: async () => offset });
    expect(await outcome(at(-999))).toBeUndefined();
    expect(await outcome(at(-1_001))).toContain('wrong by -1001 ms');
    expect(await outcome(at(NaN))).toContain('unknown');
    expect(await outcome(clockCheck({ offsetMs: () => Promise.reject(new Error('no peer')) }))).toBe(
      'no peer',
    );
  });
});
