/** The state folder on a real disk: files, identity, lock, and an agent that is followed by another. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import { agentId } from '../../src/agent/agent-file.ts';
import { diskFiles } from '../../src/agent/state-files.ts';
import { lockStateFolder } from '../../src/agent/state-lock.ts';
import { readProcessIdentity } from '../../src/host/process-identity.ts';
import { HostModel } from './host-model.ts';
import { beginAgent } from './model-agent.ts';
import { taskSpec } from './model-facts.ts';
import { StatusReader } from './status-reader.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stw-agent-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('files', () => {
  it('are written, appended to in place, cut, read and removed', async () => {
    const files = diskFiles();
    const path = join(folder, 'new/a');
    expect(await files.read(path)).toBeUndefined();
    expect(await files.list(join(folder, 'new'))).toEqual([]);
    await files.truncate(path, 0);
    await files.remove(path);
    await files.write(path, 'über\n');
    await files.append(path, 6, 'more\n');
    expect(await files.read(path)).toBe('über\nmore\n');
    await files.append(path, 6, 'x\n');
    expect(await files.read(path)).toBe('über\nx\nre\n');
    await files.truncate(path, 6);
    expect(await files.read(path)).toBe('über\n');
    expect(await files.list(join(folder, 'new'))).toEqual(['a']);
    await files.remove(path);
    expect(await files.list(join(folder, 'new'))).toEqual([]);
    await expect(files.append(path, 0, 'x')).rejects.toThrow(/ENOENT/);
  });
});

describe.skipIf(process.platform !== 'linux')('the lock', () => {
  it('is held by one and freed by release', async () => {
    const lock = await lockStateFolder(folder);
    await expect(lockStateFolder(folder)).rejects.toMatchObject({ code: 'STATE_FOLDER_LOCKED' });
    await lock.release();
    const again = await lockStateFolder(folder);
    await expect(lockStateFolder(folder)).rejects.toMatchObject({ code: 'STATE_FOLDER_LOCKED' });
    await again.release();
    await again.release();
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it.each([
    ['a process that has ended', async () => await ended()],
    [
      'a process whose number is used again',
      async () => ({ ...(await readProcessIdentity(process.pid)), startTicks: '1' }),
    ],
    ['another boot', async () => ({ ...(await readProcessIdentity(process.pid)), bootId: 'x' })],
    ['nobody, torn', () => Promise.resolve('{"pid"')],
  ])('of %s is taken over by exactly one', async (_, holder) => {
    const content = await holder();
    await writeFile(join(folder, 'lock.7'), typeof content === 'string' ? content : JSON.stringify(content));
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockStateFolder(folder)));
    const [winner, ...others] = results.filter((result) => result.status === 'fulfilled');
    expect(others).toEqual([]);
    await winner.value.release();
    expect(await readdir(folder)).toEqual(['lock']);
  });
});

describe.skipIf(process.platform !== 'linux')('an agent on a real disk', () => {
  it('keeps its identity and is followed by one that goes on', async () => {
    const id = await agentId(folder);
    const host = new HostModel();
    const { files: _files, lock: _lock, ...options } = beginAgent(host, { stateFolder: folder });
    const first = await Agent.open(options);
    expect(first.id).toBe(id);
    await expect(Agent.open(options)).rejects.toMatchObject({ code: 'STATE_FOLDER_LOCKED' });
    const reader = new StatusReader();
    reader.follow(first);
    await first.launch(taskSpec('a'));
    await expect.poll(() => reader.states('a')).toBe('accepted launched start-initiated started');
    await first.close();
    host.kill();
    host.exit('a', 3);
    const { files: _f, lock: _l, ...next } = beginAgent(host, { stateFolder: folder });
    const second = await Agent.open(next);
    expect(second.id).toBe(id);
    reader.follow(second);
    await expect.poll(() => reader.end('a')).toMatchObject({ reason: 'failed', exitCode: 3 });
    expect(reader.problems).toEqual([]);
    expect((await readFile(join(folder, 'tasks/a.jsonl'), 'utf8')).split('\n')).toHaveLength(8);
    await second.forget('a');
    await second.close();
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(['agent.json', 'lock', 'tasks']);
  });
});

async function ended(): Promise<unknown> {
  const child = spawn('sleep', ['30']);
  await once(child, 'spawn');
  const identity = await readProcessIdentity(child.pid!);
  child.kill('SIGKILL');
  await once(child, 'close');
  return identity;
}
