/**
 * Logs of containers that write faster than anybody rotates, and while nobody rotates at all: the supervisor itself
 * bounds the disk, the newest lines are there, and readers cope. While an agent rotates, that bound takes nothing away.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { backendFolders, containerFolder } from '../src/runc/container-folder.ts';
import { LogRotation } from '../src/runc/log-rotation.ts';
import { reopenLog } from '../src/runc/supervisor.ts';
import { never, RuncHarness } from './runc-harness.ts';

let h: RuncHarness;

beforeAll(async () => {
  h = await RuncHarness.begin('runclogs', inject('linux'));
});

afterEach(async () => h.removeAll());

afterAll(async () => h.end());

/** From 0 on, and how many at once before each pause. */
function counting(bursts: number, lines: number, pause: string): string {
  const burst = `n=0; while [ $n -lt ${lines} ]; do echo line $i; i=$((i+1)); n=$((n+1)); done`;
  return `i=0; for k in $(seq ${bursts}); do ${burst}; sleep ${pause}; done`;
}

function numbersOf(text: string): number[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(line.replace('line ', '')));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

test('more than the bound of the supervisor, while an agent rotates: no gap, nothing twice', async () => {
  const logs = { maxFileBytes: 200_000, maxFiles: 3 };
  const lines = 80_000;
  await h.launch(h.spec('rotated', counting(8, lines / 8, '0.7'), { logs }));
  let followed = '';
  for await (const chunk of h.backend.logs('rotated', { follow: true })) followed += chunk.text;
  await h.backend.wait('rotated', never);
  expect(numbersOf(followed)).toEqual(range(0, lines));
  const kept = numbersOf(await h.outputOf('rotated'));
  expect(kept).toEqual(range(lines - kept.length, lines));
  // A line with its time takes less than 60 bytes.
  expect(kept.length).toBeGreaterThan(((logs.maxFiles - 1) * logs.maxFileBytes) / 60);
});

test('the supervisor goes on in the file that was made ready, so that it has its second name from the beginning', async () => {
  const logs = { maxFileBytes: 1_000, maxFiles: 2 };
  await h.launch(h.spec('ready', `${counting(1, 40, '0')}; sleep 100`, { logs }));
  await h.backend.close();
  await h.outputOfLength('ready', 40 * 'line 1'.length);
  const place = containerFolder(backendFolders(h.state), 'ready');
  const rotation = new LogRotation({ intervalMs: 1e6 });
  rotation.watch('ready', { folder: place.logs, ...logs, reopen: () => void reopenLog(place) });
  await rotation.look();
  rotation.close();
  const inodeOf = (name: string): number | undefined =>
    statSync(join(place.logs, name), { throwIfNoEntry: false })?.ino;
  await expect.poll(() => inodeOf('0.log')).toBeDefined();
  expect(inodeOf('0.log')).toBe(inodeOf('held'));
  await h.open();
});

test('while nobody rotates, the file stays bounded, and the newest lines are there', async () => {
  const logs = { maxFileBytes: 20_000, maxFiles: 2 };
  const mostBytes = 2 * logs.maxFileBytes * logs.maxFiles;
  const lines = 50_000;
  const go = join(h.folder, 'go');
  mkdirSync(go);
  const mounts = [{ kind: 'bind', source: go, target: '/go', readOnly: true }] as const;
  const script = `while [ ! -d /go/now ]; do sleep 0.02; done; ${counting(1, lines, '0')}`;
  await h.launch(h.spec('alone', script, { logs, mounts }));
  await h.backend.close();
  mkdirSync(join(go, 'now'));
  const { logs: folder, exit } = containerFolder(backendFolders(h.state), 'alone');
  let most = 0;
  const sizes = (): number[] => readdirSync(folder).map((name) => sizeOf(join(folder, name)));
  await expect
    .poll(
      () => {
        most = Math.max(most, ...sizes());
        return sizeOf(exit) > 0;
      },
      { interval: 5, timeout: 30_000 },
    )
    .toBe(true);
  expect(Math.max(most, ...sizes())).toBeLessThanOrEqual(mostBytes);
  expect(most).toBeGreaterThan(mostBytes / 4);

  await h.open();
  expect(await h.backend.wait('alone', never)).toMatchObject({ exitCode: 0 });
  const kept = numbersOf(await h.outputOf('alone'));
  expect(kept.length).toBeGreaterThan(0);
  expect(kept).toEqual(range(lines - kept.length, lines));
});

test('a writer that outruns the rotation: bounded, the newest lines are there, a follower sees no line twice', async () => {
  const logs = { maxFileBytes: 5_000, maxFiles: 2 };
  const lines = 60_000;
  await h.launch(h.spec('flood', counting(1, lines, '0'), { logs }));
  let followed = '';
  for await (const chunk of h.backend.logs('flood', { follow: true })) followed += chunk.text;
  await h.backend.wait('flood', never);
  const seen = numbersOf(followed);
  expect(seen.at(-1)).toBe(lines - 1);
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  const folder = join(h.state, 'logs/flood');
  for (const name of readdirSync(folder))
    expect(sizeOf(join(folder, name))).toBeLessThanOrEqual(2 * logs.maxFileBytes * logs.maxFiles);
  expect(numbersOf(await h.outputOf('flood')).at(-1)).toBe(lines - 1);
});

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
