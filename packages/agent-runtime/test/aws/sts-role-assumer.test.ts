import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsCallError } from '../../src/aws/aws-errors.ts';
import { loadSts, type StsApi, StsRoleAssumer } from '../../src/aws/sts-role-assumer.ts';
import { RoleDeniedError } from '../../src/metadata/role-assumer.ts';
import { failure, NEVER, TestClock } from './aws-fixture.ts';
import { FakeAwsServer, type Fault } from './fake-aws/fake-aws-server.ts';
import { FakeCloud } from './fake-aws/fake-cloud.ts';

const ROLE = 'arn:aws:iam::123456789012:role/batch';
const REQUEST = { roleArn: ROLE, sessionName: 'stowage-task.1', durationSeconds: 3600 };

async function withSts<T>(
  use: (parts: { fake: FakeAwsServer; sts: StsApi; clock: TestClock }) => Promise<T>,
): Promise<T> {
  const clock = new TestClock();
  const fake = await FakeAwsServer.start(new FakeCloud({ nowMs: () => clock.now }));
  try {
    fake.roles.set(ROLE, { maxSeconds: 43_200 });
    return await use({ fake, clock, sts: await loadSts(fake.clientOptions) });
  } finally {
    await fake.close();
  }
}

describe('a role', () => {
  it('gives credentials until the time that was asked for', () =>
    withSts(async ({ clock, sts }) => {
      const given = await new StsRoleAssumer(sts, {}, clock).assumeRole(REQUEST, NEVER);
      expect(given).toEqual({
        accessKeyId: 'ASIA1',
        secretAccessKey: 'secret of stowage-task.1 & <others>',
        sessionToken: `token of ${ROLE}`,
        expirationMs: clock.now + 3_600_000,
      });
    }));

  it.each([
    ['that does not exist', { ...REQUEST, roleArn: `${ROLE}2` }],
    ['for longer than it allows', { ...REQUEST, durationSeconds: 43_201 }],
    ['with a session name that STS does not take', { ...REQUEST, sessionName: 'a b' }],
  ])('%s is denied after one call', (_, request) =>
    withSts(async ({ clock, fake, sts }) => {
      const error = await failure(new StsRoleAssumer(sts, {}, clock).assumeRole(request, NEVER));
      expect(error).toBeInstanceOf(RoleDeniedError);
      expect(String(error)).toContain(request.roleArn);
      expect(fake.calls).toEqual(['AssumeRole']);
    }),
  );

  it('is denied to an agent that may not assume roles', () =>
    withSts(async ({ clock, fake, sts }) => {
      fake.forbidden.add('AssumeRole');
      expect(await failure(new StsRoleAssumer(sts, {}, clock).assumeRole(REQUEST, NEVER))).toBeInstanceOf(
        RoleDeniedError,
      );
    }));
});

describe('failures that pass', () => {
  it('are tried again a few times, and are no denial', () =>
    withSts(({ clock, fake, sts }) =>
      fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.constantFrom<Fault>('throttle', 'reset-before', 'reset-after', 'error-before', 'error-after'),
            { maxLength: 7 },
          ),
          async (list) => {
            const left = [...list];
            fake.faultFor = () => left.shift();
            fake.calls.length = 0;
            const given = new StsRoleAssumer(sts, {}, clock).assumeRole(REQUEST, NEVER);
            if (list.length < 4) expect(await given).toMatchObject({ sessionToken: `token of ${ROLE}` });
            else {
              const error = await failure(given);
              expect(error).toBeInstanceOf(AwsCallError);
              expect((error as AwsCallError).kind).not.toBe('refused');
            }
            expect(fake.calls.length).toBe(Math.min(4, list.length + 1));
          },
        ),
        { numRuns: 60 },
      ),
    ));

  it('include an STS that does not answer', async () => {
    let calls = 0;
    const deaf: StsApi = {
      assumeRole: (_, { abortSignal }) =>
        new Promise((_resolve, reject) => {
          calls += 1;
          abortSignal.addEventListener('abort', () => reject(abortSignal.reason as Error));
        }),
    };
    const assumer = new StsRoleAssumer(deaf, { timeoutMs: 100, tryTimeoutMs: 30 }, new TestClock());
    const error = await failure(assumer.assumeRole(REQUEST, NEVER));
    expect(error).not.toBeInstanceOf(RoleDeniedError);
    expect(String(error)).toMatch(/time|Timeout/i);
    expect(calls).toBeLessThanOrEqual(4);
  });

  it('end when the task ends', () =>
    withSts(async ({ clock, fake, sts }) => {
      const abort = new AbortController();
      const reason = new Error('the task has ended');
      fake.faultFor = () => {
        abort.abort(reason);
        return 'throttle';
      };
      expect(await failure(new StsRoleAssumer(sts, {}, clock).assumeRole(REQUEST, abort.signal))).toBe(
        reason,
      );
      expect(fake.calls).toHaveLength(1);
    }));

  it('include an answer without all credentials', async () => {
    const Credentials = {
      AccessKeyId: 'a',
      SecretAccessKey: 'b',
      SessionToken: 'c',
      Expiration: new Date(NaN),
    };
    for (const answer of [{}, { Credentials }, { Credentials: { ...Credentials, Expiration: undefined } }]) {
      const assumer = new StsRoleAssumer({ assumeRole: async () => answer });
      expect(await failure(assumer.assumeRole(REQUEST, NEVER))).toMatchObject({ code: 'AWS_BAD_ANSWER' });
    }
  });
});
