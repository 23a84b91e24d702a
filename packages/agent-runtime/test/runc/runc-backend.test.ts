/** What of the backend needs neither root nor containers: what it makes of a state folder that is not as it left it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InvalidContainerError } from '../../src/contract/container-backend.ts';
import { RuncBackend } from '../../src/runc/runc-backend.ts';

let stateFolder: string;

beforeEach(() => {
  stateFolder = mkdtempSync(join(tmpdir(), 'stowage-state-'));
});

afterEach(() => rmSync(stateFolder, { recursive: true }));

test('what is no container is passed by, and a torn record is none', async () => {
  const containers = join(stateFolder, 'containers');
  for (const name of ['lost+found', '.hidden', 'torn', 'empty'])
    mkdirSync(join(containers, name), { recursive: true });
  writeFileSync(join(containers, 'torn/container.json'), '{"id":"to');
  writeFileSync(join(containers, 'empty/container.json'), '');
  const backend = await RuncBackend.open({ stateFolder, owner: `test-state-${process.pid}` });
  expect((await backend.list()).map(({ id, state }) => [id, state])).toEqual([
    ['empty', 'remains'],
    ['torn', 'remains'],
  ]);
  await backend.close();
});

test.each(['', '.', '..', '../../outside', 'a/b', '_supervisors'])('"%s" is no id', async (id) => {
  const backend = await RuncBackend.open({ stateFolder, owner: `test-state-${process.pid}` });
  await expect(backend.remove(id)).rejects.toThrow(InvalidContainerError);
  await expect(backend.removeLogs(id)).rejects.toThrow(InvalidContainerError);
  await expect(backend.signal(id, 'SIGKILL')).rejects.toThrow(InvalidContainerError);
  await backend.close();
});
