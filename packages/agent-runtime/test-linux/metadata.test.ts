/**
 * The metadata service with real namespaces, real sockets and unmodified clients: every container gets its own
 * answers, and no trick gets another's or the host's.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { TaskSpec } from '@stowage/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MetadataFacility } from '../src/metadata/metadata-facility.ts';
import type { AssumeRoleRequest, RoleAssumer, RoleCredentials } from '../src/metadata/role-assumer.ts';
import { MetadataNetwork } from './metadata-network.ts';

const SERVICE = 'http://169.254.169.254';
const CREDENTIALS = '/latest/meta-data/iam/security-credentials';

/** Credentials that name the session for which they were made. */
class FakeSts implements RoleAssumer {
  readonly requests: AssumeRoleRequest[] = [];

  async assumeRole(request: AssumeRoleRequest): Promise<RoleCredentials> {
    this.requests.push(request);
    return {
      accessKeyId: `KEY-${request.sessionName}`,
      secretAccessKey: `SECRET-${request.sessionName}-${this.requests.length}`,
      sessionToken: `TOKEN-${request.sessionName}`,
      expirationMs: Date.now() + request.durationSeconds * 1_000,
    };
  }
}

function task(taskId: string, role: string, requireToken: boolean): TaskSpec {
  return {
    taskId,
    image: { kind: 'folder', path: '/' },
    resources: { cpuMilli: 100, memoryMiB: 16 },
    network: { mode: 'vpc', securityGroups: ['sg'] },
    metadata: { iamRole: `arn:aws:iam::123456789012:role/${role}`, requireToken },
  };
}

const A = task('task-a', 'role-a', false);
const B = task('task-b', 'role-b', true);
const CONTAINER = { pid: 0, cgroups: { version: 1, controllers: {} } } as const;
const signal = new AbortController().signal;

let net: MetadataNetwork;
let facility: MetadataFacility;
let sts: FakeSts;
let round = 0;

function makeFacility(): MetadataFacility {
  const addresses = new Map([
    [A.taskId, net.a.address],
    [B.taskId, net.b.address],
  ]);
  return new MetadataFacility({
    namespacePath: net.routerPath,
    addressOf: (taskId) => addresses.get(taskId),
    roleAssumer: sts,
    placement: { region: 'eu-west-1', availabilityZone: 'eu-west-1a', accountId: '123456789012' },
  });
}

async function launch(spec: TaskSpec): Promise<unknown> {
  const contribution = await facility.prepare(spec, signal);
  await facility.attach(spec, CONTAINER, signal);
  return contribution?.data;
}

/** @returns status and body of a request by curl */
async function curl(
  namespace: string,
  ...args: readonly string[]
): Promise<{ status: number; body: string }> {
  const { stdout } = await net.in(namespace, 'curl', ['-s', '-m', '8', '-w', '\n%{http_code}', ...args]);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
}

async function tokenOf(namespace: string): Promise<string> {
  const ttl = 'X-aws-ec2-metadata-token-ttl-seconds: 60';
  const { status, body } = await curl(namespace, '-X', 'PUT', '-H', ttl, `${SERVICE}/latest/api/token`);
  expect(status).toBe(200);
  return body;
}

beforeEach(async () => {
  round += 1;
  net = new MetadataNetwork(`md${process.pid}${round}`);
  sts = new FakeSts();
  await net.makeRouter();
  facility = makeFacility();
  await net.connect(net.a);
  await net.connect(net.b);
});

afterEach(async () => {
  await facility.close();
  await net.remove();
});

describe('two containers', () => {
  test('each gets its own identity and credentials, with and without a token', async () => {
    await launch(A);
    await launch(B);

    const ownA = await curl(net.a.namespace, `${SERVICE}${CREDENTIALS}/role-a`);
    expect(ownA.status).toBe(200);
    expect(JSON.parse(ownA.body)).toMatchObject({
      Code: 'Success',
      AccessKeyId: 'KEY-stowage-task-a',
      Token: 'TOKEN-stowage-task-a',
    });
    expect(await curl(net.a.namespace, `${SERVICE}/1.0/meta-data/instance-id`)).toEqual({
      status: 200,
      body: 'task-a',
    });
    const busybox = await net.in(net.a.namespace, 'busybox', [
      'wget',
      '-qO-',
      `${SERVICE}/latest/meta-data/local-ipv4`,
    ]);
    expect(busybox.stdout).toBe(net.a.address);
    const identity = await curl(net.a.namespace, `${SERVICE}/latest/dynamic/instance-identity/document`);
    expect(JSON.parse(identity.body)).toMatchObject({ instanceId: 'task-a', privateIp: net.a.address });

    // B requires tokens.
    expect((await curl(net.b.namespace, `${SERVICE}${CREDENTIALS}/role-b`)).status).toBe(401);
    const token = `X-aws-ec2-metadata-token: ${await tokenOf(net.b.namespace)}`;
    const ownB = await curl(net.b.namespace, '-H', token, `${SERVICE}${CREDENTIALS}/role-b`);
    expect(JSON.parse(ownB.body)).toMatchObject({ AccessKeyId: 'KEY-stowage-task-b' });
    expect((await curl(net.b.namespace, '-H', token, `${SERVICE}/latest/meta-data/instance-id`)).body).toBe(
      'task-b',
    );
  });

  test('nothing that A can write in a request gets anything of B', async () => {
    await launch(A);
    await launch(B);
    const { namespace } = net.a;
    const tokenOfB = await tokenOf(net.b.namespace);
    const pathOfB = `${CREDENTIALS}/role-b`;

    const stolen = `X-aws-ec2-metadata-token: ${tokenOfB}`;
    expect((await curl(namespace, '-H', stolen, `${SERVICE}${CREDENTIALS}/role-a`)).status).toBe(401);
    expect((await curl(namespace, '-H', stolen, `${SERVICE}${pathOfB}`)).status).toBe(401);

    const tricks: (readonly string[])[] = [
      [`${SERVICE}${pathOfB}`],
      ['-H', `X-Forwarded-For: ${net.b.address}`, `${SERVICE}${pathOfB}`],
      ['-H', `X-Real-IP: ${net.b.address}`, '-H', `Forwarded: for=${net.b.address}`, `${SERVICE}${pathOfB}`],
      ['-H', `Host: ${net.b.address}`, `${SERVICE}${pathOfB}`],
      ['-H', 'Host: task-b', `${SERVICE}/latest/meta-data/instance-id`],
      ['--path-as-is', `${SERVICE}/latest//meta-data//iam//security-credentials//role-b`],
      ['--path-as-is', `${SERVICE}${CREDENTIALS}/role-a/../role-b`],
      ['--path-as-is', `${SERVICE}${CREDENTIALS}/%2e%2e/role-b`],
      ['--path-as-is', `${SERVICE}/latest/%6deta-data/iam/security-credentials/role-b`],
      ['--path-as-is', `${SERVICE}/../../../../etc/hostname`],
      ['--request-target', `http://${net.b.address}${pathOfB}`, SERVICE],
      ['--request-target', `${SERVICE}${pathOfB}`, SERVICE],
      ['--request-target', '*', '-X', 'OPTIONS', SERVICE],
    ];
    for (const trick of tricks) {
      const { status, body } = await curl(namespace, ...trick);
      expect([400, 403, 404, 405], trick.join(' ')).toContain(status);
      expect(body, trick.join(' ')).toBe('');
    }
  });

  test('a forged source address gets no answer, even where the router lets it in', async () => {
    await launch(A);
    await launch(B);
    // Root inside its namespace gives itself B's address and sends from it.
    await net.in(net.a.namespace, 'ip', ['address', 'add', `${net.b.address}/32`, 'dev', 'eth0']);
    const url = `${SERVICE}/latest/meta-data/instance-id`;
    const forge = () => net.in(net.a.namespace, 'curl', ['-s', '-m', '2', '--interface', net.b.address, url]);
    const asked = facility.counters.requests;
    // 28: timed out; nothing came back.
    await expect(forge()).rejects.toMatchObject({ exitCode: 28 });
    await net.in(net.router, 'nft', ['delete', 'table', 'ip', 'stw']);
    await expect(forge()).rejects.toMatchObject({ exitCode: 28 });
    expect(facility.counters.requests).toBe(asked);
    expect((await curl(net.b.namespace, `${SERVICE}/`)).status).toBe(401);
  });

  test('a namespace that is linked but belongs to no task is told nothing', async () => {
    await launch(A);
    expect(await curl(net.b.namespace, `${SERVICE}/latest/meta-data/instance-id`)).toEqual({
      status: 403,
      body: '',
    });
  });

  test('a container that listens on port 80 of all its addresses disturbs nothing', async () => {
    await launch(A);
    await launch(B);
    const server = `require('node:http').createServer((q, r) => r.end('mine')).listen(80, '0.0.0.0', () => console.log('up'))`;
    await net.start(net.a.namespace, process.execPath, ['-e', server]);
    expect((await curl(net.a.namespace, 'http://127.0.0.1/')).body).toBe('mine');
    expect((await curl(net.a.namespace, `${SERVICE}/latest/meta-data/instance-id`)).body).toBe('task-a');
    expect((await curl(net.b.namespace, `${SERVICE}/latest/meta-data/instance-id`)).status).toBe(401);
  });

  test("the provider of AWS's SDK gets the credentials of its own container", async () => {
    await launch(A);
    await launch(B);
    const path = createRequire(import.meta.url).resolve('@smithy/credential-provider-imds');
    const program = `
      const { fromInstanceMetadata } = require(${JSON.stringify(path)});
      fromInstanceMetadata({ timeout: 5000, maxRetries: 1, ec2MetadataV1Disabled: true })().then((c) => console.log(JSON.stringify(c)));`;
    for (const [container, name] of [
      [net.a, 'task-a'],
      [net.b, 'task-b'],
    ] as const) {
      const { stdout } = await net.in(container.namespace, process.execPath, ['-e', program]);
      expect(JSON.parse(stdout)).toMatchObject({
        accessKeyId: `KEY-stowage-${name}`,
        sessionToken: `TOKEN-stowage-${name}`,
      });
    }
  });

  test('a container that asks without pause is slowed down, and the other is not', async () => {
    await launch(A);
    await launch(B);
    const hog = `
      const http = require('node:http');
      let answers = 0;
      const ask = () => http.get('${SERVICE}/', (r) => { r.resume(); r.on('end', () => { answers += 1; ask(); }); }).on('error', ask);
      for (let i = 0; i < 24; i += 1) ask();
      console.log('up');
      setTimeout(() => { console.log(answers); process.exit(); }, 5000);`;
    const child = await net.start(net.a.namespace, process.execPath, ['-e', hog]);
    const counted = new Promise<number>((resolve) => {
      child.stdout!.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    });
    for (let i = 0; i < 10; i += 1) expect((await curl(net.b.namespace, `${SERVICE}/`)).status).toBe(401);
    // A burst of 200, then 100 a second.
    const answers = await counted;
    expect(answers).toBeGreaterThan(200);
    expect(answers).toBeLessThanOrEqual(200 + 5.5 * 100);
  });

  test('a container with all its connections open and silent does not keep the other waiting', async () => {
    await launch(A);
    await launch(B);
    const hog = `
      const net = require('node:net');
      let open = 0, closed = 0;
      for (let i = 0; i < 60; i += 1) {
        const s = net.connect(80, '169.254.169.254');
        s.on('connect', () => { open += 1; }); s.on('error', () => {});
        s.on('close', () => { closed += 1; if (closed === 28) console.log('full'); });
      }`;
    await net.start(net.a.namespace, process.execPath, ['-e', hog]);
    expect(facility.counters.overLimit).toBe(28);
    expect(await tokenOf(net.b.namespace)).not.toBe('');
  });
});

describe('life of the service', () => {
  test('after the agent restarts the service answers again, with the same identity', async () => {
    const data = await launch(A);
    const documentUrl = `${SERVICE}/latest/dynamic/instance-identity/document`;
    const before = await curl(net.a.namespace, documentUrl);
    const token = await tokenOf(net.a.namespace);
    await facility.close();
    await expect(curl(net.a.namespace, documentUrl)).rejects.toMatchObject({ exitCode: 7 });

    facility = makeFacility();
    await facility.adopt(A, data, CONTAINER);
    await facility.sweep();
    expect(await curl(net.a.namespace, documentUrl)).toEqual(before);
    expect((await curl(net.a.namespace, `${SERVICE}${CREDENTIALS}/role-a`)).body).toContain(
      'SECRET-stowage-task-a-2',
    );
    // Tokens end with the agent's process; clients fetch a new one.
    const stale = await curl(net.a.namespace, '-H', `X-aws-ec2-metadata-token: ${token}`, `${SERVICE}/`);
    expect(stale.status).toBe(200);
    expect(
      (await curl(net.a.namespace, '-H', `X-aws-ec2-metadata-token: ${token}`, documentUrl)).status,
    ).toBe(401);
  });

  test('a router namespace that was made anew is served anew', async () => {
    await launch(A);
    await net.remove();
    await net.makeRouter();
    await net.connect(net.a);
    await facility.attach(A, CONTAINER, signal);
    expect((await curl(net.a.namespace, `${SERVICE}/latest/meta-data/instance-id`)).body).toBe('task-a');
  });

  test('a second agent on the same namespace says why it cannot serve, and leaves the first as it is', async () => {
    await launch(A);
    const second = makeFacility();
    const report = await second.probe();
    expect(report['metadata-service']).toMatchObject({ level: 'unavailable' });
    expect(report['metadata-service']!.detail).toMatch(/METADATA_LISTEN_FAILED.*EADDRINUSE/s);
    await second.close();
    expect((await curl(net.a.namespace, `${SERVICE}/latest/meta-data/instance-id`)).status).toBe(200);
  });

  test('a namespace that does not exist makes the features unavailable', async () => {
    await net.remove();
    const report = await facility.probe();
    expect(report).toMatchObject({
      'metadata-service': { level: 'unavailable' },
      'iam-credentials': { level: 'unavailable' },
    });
  });

  test('release ends what a task is told, and close leaves no process and no socket', async () => {
    await launch(A);
    const served = await curl(net.a.namespace, `${SERVICE}/latest/meta-data/instance-id`);
    expect(served.status).toBe(200);
    await facility.release(A.taskId);
    await facility.release(A.taskId);
    expect(await curl(net.a.namespace, `${SERVICE}/latest/meta-data/instance-id`)).toEqual({
      status: 403,
      body: '',
    });
    await facility.close();
    await facility.close();
    const listeners = await net.in(net.router, 'ss', ['-Hltn']);
    expect(listeners.stdout).toBe('');
    expect(await processesIn(net.routerPath)).toEqual([]);
  });
});

/** Pids of processes in a network namespace. */
async function processesIn(namespacePath: string): Promise<readonly string[]> {
  const own = await net.in(net.router, 'readlink', ['/proc/self/ns/net']);
  expect(namespacePath).toContain(net.router);
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const link = await readlink(`/proc/${pid}/ns/net`).catch(() => '');
    if (link === own.stdout.trim()) found.push(`${pid} ${await readFile(`/proc/${pid}/cmdline`, 'utf8')}`);
  }
  return found;
}
