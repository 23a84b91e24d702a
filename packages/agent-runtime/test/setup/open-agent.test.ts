/** What a setup is refused for before anything of it touches the host. */
import { existsSync, rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { openAgent, removeAgent } from '../../src/setup/open-agent.ts';

const stateFolder = `stowage-relative-${process.pid}`;

afterEach(() => rmSync(stateFolder, { recursive: true, force: true }));

test.each([
  ['openAgent', openAgent],
  ['removeAgent', removeAgent],
])('%s makes nothing in a state folder that is not absolute', async (_name, call) => {
  for (const kind of ['runc', 'docker'] as const)
    await expect(call({ stateFolder, backend: { kind } })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  expect(existsSync(stateFolder)).toBe(false);
});
