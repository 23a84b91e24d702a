import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InvalidContainerError } from '../../src/contract/container-backend.ts';
import { CommandError, type CommandOptions, type CommandResult } from '../../src/host/run-command.ts';
import { ImageStore } from '../../src/runc/image-store.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const REFERENCE = `registry.test:5000/a/b@${DIGEST}`;
const never = new AbortController().signal;

let folder: string;
let calls: string[][];
let namesAtSync: string[];
/** What the next programs do instead of succeeding. */
let faults: (Error | 'hang' | undefined)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stowage-images-'));
  calls = [];
  faults = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

/** skopeo and umoci as far as the store can tell. */
async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  calls.push([program, ...args]);
  const fault = faults.shift();
  if (fault === 'hang')
    await new Promise((_, reject) =>
      options.signal!.addEventListener('abort', () => reject(options.signal!.reason as Error)),
    );
  if (fault instanceof Error) throw fault;
  const blob = (name: string): string => `sha256:${name.repeat(64)}`;
  if (args[0] === 'copy') {
    const layout = args.at(-1)!.slice('oci:'.length, -':image'.length);
    mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
    writeFileSync(join(layout, 'index.json'), JSON.stringify({ manifests: [{ digest: blob('1') }] }));
    writeFileSync(
      join(layout, 'blobs/sha256', '1'.repeat(64)),
      JSON.stringify({ config: { digest: blob('2') } }),
    );
    const config = { config: { Cmd: ['run'], Env: ['A=b=c'], User: 'app', StopSignal: 'SIGINT' } };
    writeFileSync(join(layout, 'blobs/sha256', '2'.repeat(64)), JSON.stringify(config));
  }
  if (program === 'sync') namesAtSync = readdirSync(folder);
  if (args[0] === 'unpack') mkdirSync(join(args.at(-1)!, 'rootfs/bin'), { recursive: true });
  await Promise.resolve();
  return { stdout: '{}', stderr: '' };
}

function open(retryDelaysMs: readonly number[] = [0, 1, 1]): ImageStore {
  return new ImageStore(folder, { retryDelaysMs, insecureRegistries: ['registry.test:5000'] }, run);
}

function failure(stderr: string): CommandError {
  return new CommandError('skopeo', 'failed with exit code 1', 1, { stdout: '', stderr });
}

test('fetches once, then serves the digest from disk, also after a restart', async () => {
  const image = await open().pull(REFERENCE, never);
  expect(image).toMatchObject({
    digest: DIGEST,
    command: ['run'],
    entrypoint: [],
    environment: { A: 'b=c' },
    user: 'app',
    workingDirectory: '/',
    stopSignal: 'SIGINT',
  });
  expect(calls.map(([, what]) => what)).toEqual(['copy', 'unpack', '--file-system']);
  // Only what is on the disk for good gets its name.
  expect(namesAtSync).toHaveLength(1);
  expect(namesAtSync[0]).toMatch(/^\.new-/);
  expect(calls[0]).toContain('--src-tls-verify=false');
  expect(calls[0]).toContain('--src-no-creds');
  expect(await open().pull(REFERENCE, never)).toEqual(image);
  expect(calls).toHaveLength(3);
});

test('a tag is resolved each time, its content fetched by digest', async () => {
  const store = open();
  const image = await store.pull('registry.test:5000/a/b:tag', never);
  expect(calls.map(([, what]) => what)).toEqual(['inspect', 'copy', 'unpack', '--file-system']);
  expect(calls[1].some((each) => each === `docker://registry.test:5000/a/b@${image.digest}`)).toBe(true);
  await store.pull('registry.test:5000/a/b:tag', never);
  expect(calls).toHaveLength(5);
});

test('a fault at each program of a pull is tried again and leaves nothing half-done', async () => {
  for (const sequence of [[failure('connection refused')], [undefined, failure('no space left on device')]]) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    faults = [...sequence];
    await open().pull(REFERENCE, never);
    expect(readdirSync(folder)).toEqual([DIGEST.replace(':', '-')]);
  }
});

test('gives up after the last try; says at once when trying is no use', async () => {
  faults = [failure('timeout'), failure('timeout'), failure('timeout')];
  await expect(open().pull(REFERENCE, never)).rejects.toThrow(/3 tries/);
  expect(calls).toHaveLength(3);
  for (const text of ['manifest unknown', 'repository name not known to registry', 'unauthorized: x']) {
    calls = [];
    faults = [failure(text)];
    await expect(open().pull(REFERENCE, never)).rejects.toThrow(InvalidContainerError);
    expect(calls).toHaveLength(1);
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('callers share one pull; it goes on while one of them waits, and stops with the last', async () => {
  const store = open();
  const [first, second] = [new AbortController(), new AbortController()];
  faults = ['hang'];
  const pulls = [first, second].map(async ({ signal }) =>
    store.pull(REFERENCE, signal).catch((error: unknown) => error),
  );
  await expect.poll(() => calls.length).toBe(1);
  first.abort(new Error('first'));
  expect(await pulls[0]).toEqual(new Error('first'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(calls).toHaveLength(1);
  second.abort(new Error('second'));
  expect(await pulls[1]).toEqual(new Error('second'));
  await expect.poll(() => readdirSync(folder)).toEqual([]);
  expect(await store.pull(REFERENCE, never)).toMatchObject({ digest: DIGEST });
});

test('what a crash left goes at the next start; old images go when nobody uses them', async () => {
  mkdirSync(join(folder, '.new-crashed/bundle'), { recursive: true });
  const store = open();
  await store.open();
  expect(readdirSync(folder)).toEqual([]);
  const { id } = await store.pull(REFERENCE, never);
  await store.removeUnused(new Set());
  expect(readdirSync(folder)).toEqual([id]);
  const long = new Date(Date.now() - 25 * 3_600_000);
  utimesSync(join(folder, id, 'image.json'), long, long);
  await store.removeUnused(new Set([id]));
  expect(readdirSync(folder)).toEqual([id]);
  await store.removeUnused(new Set());
  expect(readdirSync(folder)).toEqual([]);
});
