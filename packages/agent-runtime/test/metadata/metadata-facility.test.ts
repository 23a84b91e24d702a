/** The facility over loopback instead of a namespace: what it contributes, refuses, keeps after a restart and forgets. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskSpec } from '@stowage/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InvalidContainerError, UnavailableError } from '../../src/contract/container-backend.ts';
import { MetadataFacility, type MetadataFacilityOptions } from '../../src/metadata/metadata-facility.ts';
import { type RoleAssumer, type RoleCredentials, RoleDeniedError } from '../../src/metadata/role-assumer.ts';
import { get } from './raw-client.ts';

const ROLE = 'arn:aws:iam::123456789012:role/reader';
const CREDENTIALS = '/latest/meta-data/iam/security-credentials/reader';
const ADDRESS = '127.0.0.2';
const CONTAINER = { pid: 1, cgroups: { version: 1, controllers: {} } } as const;
const signal = new AbortController().signal;

class TestAssumer implements RoleAssumer {
  calls = 0;
  failure: Error | undefined;

  async assumeRole(): Promise<RoleCredentials> {
    this.calls += 1;
    if (this.failure !== undefined) throw this.failure;
    const expirationMs = Date.now() + 3_600_000;
    return { accessKeyId: `KEY-${this.calls}`, secretAccessKey: 's', sessionToken: 't', expirationMs };
  }
}

function task(over: Partial<TaskSpec> = {}): TaskSpec {
  return {
    taskId: 'task-a',
    image: { kind: 'folder', path: '/' },
    resources: { cpuMilli: 100, memoryMiB: 16 },
    network: { mode: 'vpc', securityGroups: ['sg'] },
    metadata: { iamRole: ROLE },
    ...over,
  };
}

let folder: string;
let assumer: TestAssumer;
let facility: MetadataFacility;
let port: number;
let listens: number;

async function listenOnLoopback(serve: (server: Server) => Promise<void>): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  await serve(server);
}

function make(over: Partial<MetadataFacilityOptions> = {}): MetadataFacility {
  return new MetadataFacility({
    namespacePath: join(folder, 'namespace'),
    addressOf: (taskId) => (taskId === 'task-a' ? ADDRESS : undefined),
    roleAssumer: assumer,
    listen: async (_, serve) => {
      listens += 1;
      await listenOnLoopback(serve);
    },
    ...over,
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-metadata-'));
  await writeFile(join(folder, 'namespace'), '');
  assumer = new TestAssumer();
  listens = 0;
  facility = make();
});

afterEach(async () => {
  await facility.close();
  await rm(folder, { recursive: true });
});

describe('a task', () => {
  test('has its credentials before it starts and is known after it is attached', async () => {
    const contribution = await facility.prepare(task(), signal);
    expect(contribution).toMatchObject({
      environment: { AWS_METADATA_SERVICE_TIMEOUT: '5', AWS_METADATA_SERVICE_NUM_ATTEMPTS: '3' },
    });
    expect(JSON.parse(JSON.stringify(contribution))).toEqual(contribution);
    expect(assumer.calls).toBe(1);
    expect((await get(port, ADDRESS, CREDENTIALS)).status).toBe(403);
    await facility.attach(task(), CONTAINER, signal);
    expect((await get(port, ADDRESS, CREDENTIALS)).body).toContain('KEY-1');
    await facility.release('task-a');
    expect((await get(port, ADDRESS, CREDENTIALS)).status).toBe(403);
    expect(listens).toBe(1);
  });

  test('of no network needs nothing, and is refused if it asks for metadata', async () => {
    const { network: _, metadata: __, ...bare } = task();
    expect(await facility.prepare(bare, signal)).toBeUndefined();
    await facility.attach(bare, CONTAINER, signal);
    await facility.adopt(bare, undefined, CONTAINER);
    await facility.release('task-a');
    await expect(facility.prepare(task({ network: { mode: 'host' } }), signal)).rejects.toThrow(
      InvalidContainerError,
    );
    expect(listens).toBe(0);
  });

  test('with a role that is denied or is no role can never work', async () => {
    assumer.failure = new RoleDeniedError('not authorized');
    await expect(facility.prepare(task(), signal)).rejects.toThrow(InvalidContainerError);
    for (const iamRole of [
      'reader',
      'arn:aws:iam::1:role/x',
      'arn:aws:iam::123456789012:user/x',
      `${ROLE}\n`,
    ]) {
      await expect(facility.prepare(task({ metadata: { iamRole } }), signal)).rejects.toThrow(
        InvalidContainerError,
      );
    }
    expect(assumer.calls).toBe(1);
    // Nothing is left of the failed attempts.
    assumer.failure = undefined;
    await facility.prepare(task(), signal);
    expect(assumer.calls).toBe(2);
  });

  test('with a role is refused without an assumer', async () => {
    await facility.close();
    facility = new MetadataFacility({
      namespacePath: join(folder, 'namespace'),
      addressOf: () => ADDRESS,
      listen: (_, serve) => listenOnLoopback(serve),
    });
    await expect(facility.prepare(task(), signal)).rejects.toThrow(UnavailableError);
    expect(await facility.probe()).toMatchObject({
      'metadata-service': { level: 'enforced' },
      'iam-credentials': { level: 'unavailable' },
    });
  });

  test('without an address says what is wrong', async () => {
    const other = task({ taskId: 'task-x' });
    await facility.prepare(other, signal);
    await expect(facility.attach(other, CONTAINER, signal)).rejects.toThrow('METADATA_NO_ADDRESS');
    await facility.release('task-x');
  });
});

describe('after a restart', () => {
  test('a live task is served again, also while its role cannot be had', async () => {
    const data: unknown = JSON.parse(JSON.stringify((await facility.prepare(task(), signal))!.data));
    await facility.close();

    assumer.failure = new Error('connection reset');
    facility = make();
    await facility.adopt(task(), data, CONTAINER);
    await facility.sweep();
    expect((await get(port, ADDRESS, '/latest/meta-data/instance-id')).body).toBe('task-a');
    expect((await get(port, ADDRESS, CREDENTIALS)).status).toBe(503);
    expect(facility.credentialFailure('task-a')?.message).toBe('connection reset');
  });

  test('a container that has not run yet does not run without the credentials of its role', async () => {
    const { data } = (await facility.prepare(task(), signal))!;
    await facility.close();
    facility = make();
    assumer.failure = new RoleDeniedError('not any more');
    await facility.adopt(task(), data, CONTAINER);
    await expect(facility.attach(task(), CONTAINER, signal)).rejects.toThrow(InvalidContainerError);

    await facility.close();
    facility = make();
    assumer.failure = undefined;
    await facility.adopt(task(), data, CONTAINER);
    await facility.attach(task(), CONTAINER, signal);
    expect((await get(port, ADDRESS, CREDENTIALS)).status).toBe(200);
  });

  test('a task without a container is not served', async () => {
    const { data } = (await facility.prepare(task(), signal))!;
    await facility.close();
    facility = make();
    await facility.adopt(task(), data, undefined);
    await facility.release('task-a');
    expect(assumer.calls).toBe(1);
  });
});

test('a listener that fails is told by probe and prepare, and tried again by the next task', async () => {
  let fails = true;
  await facility.close();
  facility = make({
    listen: async (_, serve) => {
      if (fails) throw new Error('no such namespace');
      await listenOnLoopback(serve);
    },
  });
  expect(await facility.probe()).toMatchObject({
    'metadata-service': { level: 'unavailable', detail: 'no such namespace' },
  });
  await expect(facility.prepare(task(), signal)).rejects.toThrow('no such namespace');
  fails = false;
  await facility.prepare(task(), signal);
});
