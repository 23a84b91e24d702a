/** A real registry that wants a login, and what a task is told when the agent has none that it takes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskStatus } from '@stowage/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { type HostAgent, openAgent } from '../src/index.ts';
import { runCommand } from '../src/host/run-command.ts';
import { type Registry, startRegistry } from './support/registry.ts';
import { BACKENDS, shellTask, StatusReader, type TestAgent, testAgent } from './support/test-agent.ts';

const PASSWORD = 'pass:word ä';
const folder = mkdtempSync(join(tmpdir(), 'stowage-login-'));
const authFile = join(folder, 'auth.json');
let registry: Registry;

/** For the next pull. */
function logIn(password: string | undefined, place = registry.address): void {
  const auths =
    password === undefined ? {} : { [place]: { auth: Buffer.from(`agent:${password}`).toString('base64') } };
  writeFileSync(authFile, JSON.stringify({ auths }));
}

beforeAll(async () => {
  registry = await startRegistry(join(folder, 'registry'), { users: { agent: PASSWORD } });
  logIn(PASSWORD);
  for (const name of ['private/runc', 'private/docker'])
    await runCommand('skopeo', [
      ...['copy', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false', '--authfile', authFile],
      ...[`docker://${inject('linux').busybox.tag}`, `docker://${registry.address}/${name}:1`],
    ]);
});

afterAll(async () => {
  await registry?.server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(BACKENDS)('%s', (backend) => {
  let prepared: TestAgent | undefined;
  let agent: HostAgent | undefined;

  async function open(more: { readonly authFile?: string }): Promise<HostAgent> {
    prepared = await testAgent(backend, { ...more, plainRegistries: [registry.address] });
    agent = await openAgent(prepared.setup);
    return agent;
  }

  afterEach(async () => {
    await agent?.close();
    await prepared?.remove();
    [agent, prepared] = [undefined, undefined];
  });

  async function run(taskId: string): Promise<TaskStatus> {
    const reference = `${registry.address}/private/${backend}:1`;
    await agent!.launch(shellTask(taskId, 'exit 0', { image: { kind: 'registry', reference } }));
    return new StatusReader(agent!).waitFor(taskId, 'finished');
  }

  const manifestsAsked = (): number =>
    registry.requests().filter((request) => request.includes(`/v2/private/${backend}/manifests/`)).length;

  test('a wrong password and none are told at once and not tried again; the right one is read at the next pull', async () => {
    await open({ authFile });
    for (const password of ['wrong', undefined]) {
      logIn(password);
      const before = registry.requests().length;
      expect(await run(`refused-${password}`)).toMatchObject({
        reason: 'invalid-request',
        message: expect.stringMatching(/unauthorized|authentication required|no basic auth/i) as string,
      });
      // What one try asks: what the registry wants, and once more with the password.
      expect(registry.requests().length - before).toBeLessThanOrEqual(4);
    }
    logIn(PASSWORD);
    expect(await run('let-in')).toMatchObject({ reason: 'normal', exitCode: 0 });
    expect(manifestsAsked()).toBeGreaterThan(0);
  });

  test('a login for one repository is enough for it', async () => {
    await open({ authFile });
    logIn(PASSWORD, `${registry.address}/private/other`);
    expect(await run('elsewhere')).toMatchObject({ reason: 'invalid-request' });
    logIn(PASSWORD, `${registry.address}/private/${backend}`);
    expect(await run('here')).toMatchObject({ reason: 'normal' });
  });

  test('without a file no login is used, be there one of the user of the host', async () => {
    logIn(PASSWORD);
    const before = process.env.REGISTRY_AUTH_FILE;
    process.env.REGISTRY_AUTH_FILE = authFile;
    try {
      await open({});
      expect(await run('anonymous')).toMatchObject({ reason: 'invalid-request' });
    } finally {
      if (before === undefined) delete process.env.REGISTRY_AUTH_FILE;
      else process.env.REGISTRY_AUTH_FILE = before;
    }
  });
});
