/**
 * An agent is killed while the engine makes a container: the engine carries it out all the same, maybe after the next
 * agent has looked. Seen from the engine, a killed agent is a connection that breaks.
 */
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { InvalidContainerError } from '../src/contract/container-backend.ts';
import { createRequest } from '../src/docker/create-request.ts';
import { EngineCalls } from '../src/docker/engine-calls.ts';
import { EngineClient } from '../src/docker/engine-client.ts';
import { never, until, withDocker } from './docker-set-up.ts';

const docker = withDocker('docker');
const FACTS = { remapsUsers: false, limitsDisk: false, diskDetail: '' };

/** Up to the call to create, which is broken off after a time. */
async function killedDuringCreate(id: string, afterMs: number): Promise<void> {
  const gate = join(docker.folder, 'state/gate/gates', id);
  mkdirSync(gate, { recursive: true });
  const body = JSON.stringify(createRequest(docker.shell(id, 'true'), docker.owner, gate, FACTS));
  const call = request({
    socketPath: docker.socketPath,
    method: 'POST',
    path: `/v1.41/containers/create?name=stowage-${docker.owner}-${id}`,
    headers: {
      host: 'engine',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    },
  });
  call.on('error', () => undefined);
  await new Promise<void>((resolve) => call.end(body, resolve));
  await delay(afterMs);
  call.destroy();
}

test('what appears late is listed then and can be removed', async () => {
  const client = new EngineClient({ socketPath: docker.socketPath });
  const calls = new EngineCalls(client);
  const isThere = async (id: string): Promise<boolean> =>
    (await calls.inspect(`stowage-${docker.owner}-${id}`)) !== undefined;
  for (let round = 0; round < 10; round += 1) {
    const id = `late-${round}`;
    await killedDuringCreate(id, round % 3);
    const next = docker.newBackend();
    expect(await next.list()).toMatchObject([{ id, state: 'remains' }]);
    await next.remove(id);
    // The engine may still be at it, or not have begun: nothing tells.
    await delay(300);
    if (await isThere(id)) {
      expect(await next.list()).toMatchObject([{ id, state: 'remains' }]);
      await next.remove(id);
    }
    expect(await isThere(id)).toBe(false);
    expect(await next.list()).toEqual([]);
    await next.close();
  }
  client.close();
});

test('a relaunch meets the name that is taken, and succeeds when it is tried again', async () => {
  for (let round = 0; round < 5; round += 1) {
    const id = `again-${round}`;
    await killedDuringCreate(id, 1);
    const next = docker.newBackend();
    await next.remove(id);
    await until(() =>
      next.create(docker.shell(id, 'exit 3'), never).then(
        () => true,
        (error: unknown) => {
          expect(error).not.toBeInstanceOf(InvalidContainerError);
          return false;
        },
      ),
    );
    await next.start(id, never);
    expect(await next.wait(id, never)).toEqual({ exitCode: 3, outOfMemory: false });
    await next.remove(id);
    await next.close();
  }
});
