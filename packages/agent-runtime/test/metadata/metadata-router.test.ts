/** What a known container is answered, against a table; and that it is only about itself. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/metadata/answer.ts';
import { metadataRouter } from '../../src/metadata/metadata-router.ts';
import { RoleDeniedError } from '../../src/metadata/role-assumer.ts';
import { SessionTokens } from '../../src/metadata/session-tokens.ts';
import { container, PLACEMENT } from './containers.ts';
import { attempt, expectedStatus, marksOf } from './request-arbitrary.ts';

let nowMs = 1_800_000_000_000;
const tokens = new SessionTokens(() => nowMs);
const a = container('a', '127.0.0.2');
const b = container('b', '127.0.0.3', { requireToken: true });

function get(target: string, headers: Record<string, string> = {}, who = a): Answer | Promise<Answer> {
  return metadataRouter(who, PLACEMENT, tokens)({ method: 'GET', target, headers });
}

describe('documents', () => {
  test('single values', async () => {
    const expected: Readonly<Record<string, string>> = {
      '/': '1.0\nlatest',
      '/latest': 'dynamic/\nmeta-data/',
      '/latest/meta-data/': 'hostname\niam/\ninstance-id\nlocal-hostname\nlocal-ipv4\nmac\nplacement/',
      '/latest/meta-data/iam/security-credentials/': 'role-a',
      '/1.0/meta-data/instance-id': 'task-a',
      '/latest/meta-data/local-ipv4': '127.0.0.2',
      '/latest/meta-data/hostname': '127.0.0.2',
      '/latest/meta-data/mac': '00:00:00:00:00:00',
      '/latest/meta-data/placement/region': 'eu-west-1',
      '/latest/meta-data/placement/availability-zone': 'eu-west-1b',
      '/latest/meta-data/placement/availability-zone-id': 'euw1-az2',
    };
    for (const [target, body] of Object.entries(expected)) {
      expect(await get(target), target).toMatchObject({ status: 200, body });
    }
  });

  test('credentials, role and identity in the shapes of EC2', async () => {
    const credentials = await get('/latest/meta-data/iam/security-credentials/role-a');
    expect(JSON.parse(credentials.body)).toEqual({
      Code: 'Success',
      LastUpdated: '2027-01-15T08:00:00Z',
      Type: 'AWS-HMAC',
      AccessKeyId: 'KEY-a',
      SecretAccessKey: 'SECRET-a',
      Token: 'TOKEN-a',
      Expiration: '2027-01-15T09:00:00Z',
    });
    expect(JSON.parse((await get('/latest/meta-data/iam/info')).body)).toMatchObject({
      Code: 'Success',
      InstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/role-a',
    });
    expect(JSON.parse((await get('/latest/dynamic/instance-identity/document')).body)).toMatchObject({
      accountId: '123456789012',
      instanceId: 'task-a',
      privateIp: '127.0.0.2',
      region: 'eu-west-1',
      version: '2017-09-30',
      pendingTime: '2027-01-15T08:00:00Z',
    });
  });

  test('without role and placement there is nothing to be had of either', async () => {
    const { role: _, ...bare } = a;
    const router = metadataRouter(bare, undefined, tokens);
    for (const target of ['/latest/meta-data/iam/info', '/latest/meta-data/placement/', '/latest/dynamic']) {
      expect(await router({ method: 'GET', target, headers: {} }), target).toMatchObject({ status: 404 });
    }
  });

  test('a refused role is 403, another failure 503, and neither says more than that', async () => {
    const { iamRole } = a.role!;
    for (const [error, status, Code] of [
      [new RoleDeniedError('arn:aws:sts::1:assumed-role/agent'), 403, 'AssumeRoleUnauthorizedAccess'],
      [new Error('arn:aws:sts::1:assumed-role/agent'), 503, 'ServiceUnavailable'],
    ] as const) {
      const source = { credentials: () => Promise.reject(error) };
      const who = container('a', '127.0.0.2', { role: { iamRole, source } });
      const answer = await get('/latest/meta-data/iam/security-credentials/role-a', {}, who);
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.body)).toMatchObject({ Code });
      expect(answer.body).not.toContain('arn:');
    }
  });
});

describe('session tokens', () => {
  test('live for their time, tell what remains, and count for one task only', () => {
    const token = tokens.issue('task-a', 60);
    expect(tokens.remainingSeconds('task-a', token)).toBe(60);
    nowMs += 59_000;
    expect(tokens.remainingSeconds('task-a', token)).toBe(1);
    expect(tokens.remainingSeconds('task-b', token)).toBeUndefined();
    nowMs += 1_000;
    expect(tokens.remainingSeconds('task-a', token)).toBeUndefined();
    expect(tokens.remainingSeconds('task-a', tokens.issue('task-a', 0))).toBeUndefined();
    expect(
      new SessionTokens(() => nowMs).remainingSeconds('task-a', tokens.issue('task-a', 60)),
    ).toBeUndefined();
  });

  test('are JWTs, of which no changed character is taken', () => {
    const token = tokens.issue('task-a', 60);
    const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(header)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(JSON.parse(claims)).toEqual({ exp: Math.floor(nowMs / 1_000) + 60, aud: 'task-a' });
    // Of the last character two bits are unused, so other spellings of the same signature are the same token.
    fc.assert(
      fc.property(fc.nat(token.length - 2), fc.constantFrom(...'aB3_-.= '), (index, char) => {
        fc.pre(token[index] !== char);
        const forged = token.slice(0, index) + char + token.slice(index + 1);
        expect(tokens.remainingSeconds('task-a', forged)).toBeUndefined();
      }),
    );
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;
    expect(tokens.remainingSeconds('task-a', unsigned)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (any) => tokens.remainingSeconds('task-a', any) === undefined));
  });

  test('are asked for with 0 to 21,600 seconds', async () => {
    const router = metadataRouter(a, PLACEMENT, tokens);
    const statusFor = async (ttl?: string): Promise<number> => {
      const headers = ttl === undefined ? {} : { 'x-aws-ec2-metadata-token-ttl-seconds': ttl };
      return (await router({ method: 'PUT', target: '/latest/api/token', headers })).status;
    };
    for (const ttl of ['0', '1', '21600']) expect(await statusFor(ttl), ttl).toBe(200);
    for (const ttl of [undefined, '', '21601', '99999', '-1', '1.5', '1e3', '0x10', ' 60', '60, 60']) {
      expect(await statusFor(ttl), ttl).toBe(400);
    }
  });

  test('an answer to a token tells its remaining time', async () => {
    const headers = { 'x-aws-ec2-metadata-token': tokens.issue('task-a', 60) };
    const answer = await get('/latest/meta-data/mac', headers);
    expect(answer.headers).toEqual({ 'x-aws-ec2-metadata-token-ttl-seconds': '60' });
  });
});

test('every request is answered by the table, and never with a word about the other', async () => {
  await fc.assert(
    fc.asyncProperty(attempt, fc.boolean(), async (tried, isA) => {
      const [who, name, other, otherName] = isA ? [a, 'a', b, 'b'] : [b, 'b', a, 'a'];
      const token = {
        none: undefined,
        own: tokens.issue(who.taskId, 60),
        'of the other': tokens.issue(other.taskId, 60),
        spent: tokens.issue(who.taskId, 0),
        garbage: 'a.b.c',
      }[tried.token];
      const headers = { ...tried.headers, ...(token !== undefined && { 'x-aws-ec2-metadata-token': token }) };
      const answer = await metadataRouter(who, PLACEMENT, tokens)({ ...tried, headers });
      expect(answer.status).toBe(expectedStatus(who, name, tried));
      const everything = JSON.stringify(answer);
      for (const mark of marksOf(other, otherName)) expect(everything).not.toContain(mark);
      if (answer.status >= 400) expect(answer.body).toBe('');
    }),
    { numRuns: 3_000 },
  );
});
