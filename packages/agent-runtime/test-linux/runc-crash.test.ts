/**
 * The agent's process is killed with SIGKILL at random moments of all operations; a new backend on the same folder finds
 * what is there and removes it, and nothing is left or comes after.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { RuncBackend } from '../src/runc/runc-backend.ts';
import { hostObjects, type HostObjects, newObjects } from './support/host-objects.ts';

const { registry, busybox } = inject('linux');
const OWNER = `test-crash-${process.pid}`;
const ROUNDS = 20;

/** Runs containers one after the other for ever, three at a time; says so when the image is there. */
const AGENT = `
import { RuncBackend } from './runc-backend.mjs';
const [stateFolder, owner, registry, reference, round] = process.argv.slice(2);
const never = new AbortController().signal;
const backend = await RuncBackend.open({ stateFolder, owner, images: { insecureRegistries: [registry] } });
const image = await backend.pull({ kind: 'registry', reference }, never);
console.log('ready');
const spec = (id) => ({
  id, image, args: ['sh', '-c', 'echo x; sleep 0.02; exit 3'], environment: {}, workingDirectory: '/', user: '',
  labels: {}, hostname: id, cpu: { shares: 2, periodMicros: 100000 }, memoryBytes: 64 << 20, pids: 20, limits: [],
  oomScoreAdjust: 0, mounts: [], network: 'none', logs: { maxFileBytes: 1000, maxFiles: 2 }, stopSignal: 'SIGTERM',
  diskBytes: id.startsWith('b') ? 4 << 20 : undefined,
  security: { userNamespace: true, seccomp: 'default', capabilities: [], readOnlyRoot: false, noNewPrivileges: true },
});
const work = async (name) => {
  for (let i = 0; ; i++) {
    const id = name + round + '-' + i;
    await backend.create(spec(id), never);
    await backend.start(id, never);
    // It may have ended, or end meanwhile.
    await backend.exec(id, ['sleep', '0.01'], never).catch(() => undefined);
    await backend.wait(id, never);
    await backend.remove(id);
    await backend.removeLogs(id);
  }
};
await Promise.all(['a', 'b', 'c'].map(work));
`;

let before: HostObjects;
let folder: string;
let state: string;

beforeAll(async () => {
  before = await hostObjects();
  folder = mkdtempSync(join(tmpdir(), 'stowage-crash-'));
  chmodSync(folder, 0o711);
  state = join(folder, 'state');
  const source = join(import.meta.dirname, '../src/runc/runc-backend.ts');
  const stdin = { contents: AGENT.replace('./runc-backend.mjs', source), resolveDir: import.meta.dirname };
  await build({
    stdin,
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(folder, 'agent.mjs'),
    conditions: ['@stowage/source'],
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

test(`killed at ${ROUNDS} moments, nothing is left`, async () => {
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const args = [join(folder, 'agent.mjs'), state, OWNER, registry, busybox.digest, String(round)];
    const errors = join(folder, 'errors');
    const stdio = ['ignore', 'pipe', openSync(errors, 'w')] as const;
    const agent = spawn(process.execPath, args, { stdio: [...stdio], detached: true });
    const ended = new Promise((resolve) => agent.once('exit', resolve));
    await new Promise((resolve) => agent.stdout!.once('data', resolve));
    await sleep((round * 37) % 400);
    expect(readFileSync(errors, 'utf8')).toBe('');
    // Its whole group: what the agent runs in its own session goes too, supervisors do not.
    process.kill(-agent.pid!, 'SIGKILL');
    await ended;

    const backend = await RuncBackend.open({ stateFolder: state, owner: OWNER });
    for (const found of await backend.list()) {
      seen.add(found.state);
      await backend.remove(found.id);
      await backend.remove(found.id);
    }
    for (const id of readdirSync(join(state, 'logs'))) await backend.removeLogs(id);
    expect(await backend.list()).toEqual([]);
    await backend.close();
    for (const name of ['containers', 'exits', 'runtime', 'logs'])
      expect([round, name, ...readdirSync(join(state, name))]).toEqual([round, name]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8').includes(state)).toBe(false);
  }
  await sleep(500);
  const left = newObjects(before, await hostObjects());
  expect(left.filter((each) => each.includes(folder) || each.includes(OWNER))).toEqual([]);
  expect(processesNaming(state)).toEqual([]);
  expect(readdirSync(join(state, 'containers'))).toEqual([]);
  expect(seen.size).toBeGreaterThan(1);
});

function processesNaming(path: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(path));
}
