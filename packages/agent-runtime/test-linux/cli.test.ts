/**
 * `stowage agent` on this host: the command from its sources, in a process of its own, with a folder of busybox as the
 * root file system. Its temporary folders lie below one of the test, so that what it leaves is seen.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { hostObjects } from './support/host-objects.ts';

const services = inject('linux');
const script = fileURLToPath(new URL('../../cli/test/from-source.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'stowage-cli-'));
const temporary = join(folder, 'tmp');
const rootfs = join(folder, 'rootfs');
const running = new Set<ChildProcess>();

beforeAll(() => {
  chmodSync(folder, 0o711);
  mkdirSync(temporary, { mode: 0o711 });
  mkdirSync(join(rootfs, 'bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(rootfs, 'bin/busybox'));
  for (const name of ['sh', 'sleep', 'cat', 'ip', 'wget', 'yes', 'id'])
    symlinkSync('busybox', join(rootfs, 'bin', name));
});

afterEach(async () => {
  for (const child of running) {
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }
  running.clear();
  const left = [...(await hostObjects())].flatMap(([kind, names]) =>
    [...names].filter((name) => name.includes(folder)).map((name) => `${kind} ${name}`),
  );
  expect(left).toEqual([]);
  expect(stateFolders()).toEqual([]);
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Call {
  readonly child: ChildProcess;
  readonly said: { stdout: string; stderr: string };
  readonly ended: Promise<number | null>;
}

function call(...argv: readonly string[]): Call {
  const args = ['--conditions=@stowage/source', '--import', 'tsx', script, 'agent', ...argv];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return { child, said, ended };
}

async function run(
  ...argv: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { said, ended } = call('run', ...argv);
  return { code: await ended, ...said };
}

async function until(holds: () => boolean, { said }: Call): Promise<void> {
  for (const deadline = Date.now() + 60_000; !holds(); await sleep(20))
    if (Date.now() > deadline) throw new Error(`It has said only ${JSON.stringify(said)}.`);
}

/** Those that calls have made for themselves. */
function stateFolders(): string[] {
  const names = readdirSync(temporary).filter((name) => name.startsWith('stowage-'));
  return names.map((name) => join(temporary, name));
}

/** The identity of the agent that runs now. */
function agentId(stateFolder = stateFolders()[0]): string {
  return (JSON.parse(readFileSync(join(stateFolder, 'agent.json'), 'utf8')) as { id: string }).id;
}

async function expectNothingOf(id: string): Promise<void> {
  const left = [...(await hostObjects())].flatMap(([kind, names]) =>
    [...names].filter((name) => name.includes(id)).map((name) => `${kind} ${name}`),
  );
  expect(left).toEqual([]);
}

test('output goes where it belongs, states to standard error, and the exit code is the task’s', async () => {
  const { code, stdout, stderr } = await run(rootfs, '--', 'sh', '-c', 'echo out; echo err >&2; exit 3');
  expect({ code, stdout, stderr }).toMatchObject({ code: 3, stdout: 'out\n' });
  expect(stderr).toMatch(/^accepted .*\nlaunched .*\nstart-initiated \(address [\d.]+\)/);
  expect(stderr).toMatch(/\nerr\n/);
  expect(stderr).toMatch(/\nfinished \(failed, exit code 3, address [\d.]+\) .*\n$/);
});

test('with --json standard output is statuses and logs, and nothing else is said', async () => {
  const { code, stdout, stderr } = await run('--json', rootfs, 'sh', '-c', 'echo out; echo err >&2');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const statuses = lines.filter(({ type }) => type === 'status');
  expect(statuses.map(({ state }) => state)).toEqual([
    'accepted',
    'launched',
    'start-initiated',
    'started',
    'finished',
  ]);
  expect(lines.at(-1)).toMatchObject({ state: 'finished', reason: 'normal', exitCode: 0 });
  const logs = lines.filter(({ type }) => type === 'log');
  expect(logs.map(({ stream, text }) => [stream, text]).sort()).toEqual([
    ['stderr', 'err\n'],
    ['stdout', 'out\n'],
  ]);
});

test('it has network, limits and metadata', async () => {
  const metadata = 'wget -qO- http://169.254.169.254/latest/meta-data/local-ipv4';
  const look = 'ip -4 -o address show eth0; cat /proc/self/uid_map; cat /proc/self/limits';
  const { code, stdout, stderr } = await run(
    '--memory',
    '32',
    rootfs,
    'sh',
    '-c',
    `${metadata}; echo; ${look}`,
  );
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const [address] = stdout.split('\n');
  expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  expect(stdout).toContain(`inet ${address}/`);
  expect(stdout).not.toMatch(/^\s+0\s+0\s+\d+$/m);
});

test('a task that cannot run ends in 125, one over its memory as the kernel ended it', async () => {
  const missing = await run('--network', 'none', rootfs, 'no-such-program');
  expect(missing.code).toBe(125);
  expect(missing.stderr).toMatch(/finished \(invalid-request\).*no-such-program/);
  const noFolder = await run('--network', 'none', join(folder, 'nowhere'), 'sh');
  expect(noFolder.code).toBe(125);
  const glutton = await run(
    ...['--network', 'none', '--memory', '16', rootfs],
    ...['sh', '-c', 'x=x; while :; do x=$x$x; done'],
  );
  expect(glutton.code).toBe(137);
  expect(glutton.stderr).toContain('finished (out-of-memory, exit code 137)');
});

test('what this host refuses ends in 125, with one line that says why', async () => {
  const noFolders = ['--backend', 'docker', '--docker-socket', services.dockerRemapped, rootfs, 'sh'];
  expect(await run(...noFolders)).toMatchObject({
    code: 125,
    stdout: '',
    stderr: expect.stringMatching(/^FEATURE_UNAVAILABLE: [^\n]*\n$/),
  });
  const noEngine = await run(
    '--backend',
    'docker',
    '--docker-socket',
    join(folder, 'none.sock'),
    rootfs,
    'sh',
  );
  expect(noEngine).toMatchObject({ code: 125, stderr: expect.stringMatching(/^[^\n]*dockerd[^\n]*\n$/) });
});

test('an image of a registry runs on the engine', async () => {
  const socket = ['--backend', 'docker', '--docker-socket', services.dockerRemapped];
  const { code, stdout, stderr } = await run(
    ...socket,
    services.busybox.digest,
    'sh',
    '-c',
    'echo out; exit 5',
  );
  expect({ code, stdout, stderr }).toMatchObject({ code: 5, stdout: 'out\n' });
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s asks the task to end', async (signal) => {
  const script = 'trap "echo farewell; exit 9" TERM; echo ready; while :; do sleep 0.05; done';
  const called = call('run', rootfs, 'sh', '-c', script);
  await until(() => called.said.stdout.includes('ready'), called);
  const id = agentId();
  called.child.kill(signal);
  expect(await called.ended).toBe(9);
  expect(called.said.stdout).toBe('ready\nfarewell\n');
  expect(called.said.stderr).toContain('finished (killed, exit code 9');
  await expectNothingOf(id);
});

test('a second Ctrl-C ends a task that does not listen', async () => {
  const script = 'trap "" TERM; echo ready; while :; do sleep 0.05; done';
  const called = call('run', '--grace', '3600', rootfs, 'sh', '-c', script);
  await until(() => called.said.stdout.includes('ready'), called);
  const id = agentId();
  called.child.kill('SIGINT');
  await until(() => called.said.stderr.includes('kill-initiated'), called);
  called.child.kill('SIGINT');
  expect(await called.ended).toBe(137);
  await expectNothingOf(id);
});

test('Ctrl-C while the agent opens, or while it leaves, leaves nothing', async () => {
  const opening = call('run', rootfs, 'sh', '-c', 'exit 0');
  await until(() => stateFolders().some((path) => readdirSync(path).includes('agent.json')), opening);
  const id = agentId();
  opening.child.kill('SIGINT');
  expect(await opening.ended).toBe(125);
  expect(opening.said).toEqual({ stdout: '', stderr: '' });
  await expectNothingOf(id);

  const leaving = call('run', rootfs, 'sh', '-c', 'echo ready; sleep 0.5');
  await until(() => leaving.said.stdout.includes('ready'), leaving);
  const second = agentId();
  await until(() => leaving.said.stderr.includes('finished'), leaving);
  leaving.child.kill('SIGINT');
  expect(await leaving.ended).toBe(0);
  await expectNothingOf(second);
});

test('a task ends when nobody reads its output any more', async () => {
  const called = call('run', '--grace', '0', rootfs, 'yes');
  await until(() => called.said.stdout.includes('y\n'), called);
  const id = agentId();
  called.child.stdout!.destroy();
  expect(await called.ended).toBe(137);
  await expectNothingOf(id);
});

test('a state folder of the user’s, by a relative path, is kept, and a call that was killed is cleaned up by the next', async () => {
  const state = join(folder, 'state');
  const [relativeState, relativeRoot] = [state, rootfs].map((path) => relative(process.cwd(), path));
  const options = ['--state-folder', relativeState, '--network', 'none', relativeRoot];
  const first = call('run', ...options, 'sh', '-c', 'echo ready; sleep 1; exit 0');
  await until(() => first.said.stdout.includes('ready'), first);
  const id = agentId(state);
  first.child.kill('SIGKILL');
  await first.ended;
  await sleep(1_500);
  const second = await run(...options, 'sh', '-c', 'sleep 1; exit 6');
  expect(second.code).toBe(6);
  expect(agentId(state)).toBe(id);
  await expectNothingOf(id);
  rmSync(state, { recursive: true });
});

test('features are told as a table and as JSON', async () => {
  const table = call('features');
  expect(await table.ended).toBe(0);
  expect(table.said.stdout).toMatch(/^memory-limit\s+enforced\s+\S/m);
  const json = call('features', '--json');
  expect(await json.ended).toBe(0);
  expect(JSON.parse(json.said.stdout)).toMatchObject({ 'memory-limit': { level: 'enforced' } });
});
