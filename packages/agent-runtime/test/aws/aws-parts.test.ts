import { EC2 } from '@aws-sdk/client-ec2';
import { STS } from '@aws-sdk/client-sts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsCaller } from '../../src/aws/aws-caller.ts';
import { type AwsCallError, failureKind } from '../../src/aws/aws-errors.ts';
import type { Ec2Api } from '../../src/aws/ec2-api.ts';
import { knownInstanceTypes, knownLimits } from '../../src/aws/instance-network.ts';
import { toOwnInterface } from '../../src/aws/own-interface.ts';
import { loadSdk } from '../../src/aws/sdk-loading.ts';
import { SharedRead } from '../../src/aws/shared-read.ts';
import type { StsApi } from '../../src/aws/sts-role-assumer.ts';
import { addressNumber } from '../../src/network/cidr.ts';
import { NEVER, TestClock } from './aws-fixture.ts';

describe('the SDK', () => {
  it('fits the agent’s own narrow interfaces', () => {
    const ec2: Ec2Api = new EC2({ region: 'eu-west-1' });
    const sts: StsApi = new STS({ region: 'eu-west-1' });
    expect([typeof ec2.attachNetworkInterface, typeof sts.assumeRole]).toEqual(['function', 'function']);
  });

  it('that is not installed is named, with the command that installs it', async () => {
    const name = '@aws-sdk/client-nowhere';
    await expect(loadSdk(name, () => import(/* @vite-ignore */ name))).rejects.toMatchObject({
      code: 'AWS_SDK_MISSING',
      message: expect.stringContaining('npm install @aws-sdk/client-nowhere'),
    });
  });
});

describe('an error of AWS', () => {
  const client = (name: string, status = 400): object => ({
    name,
    Code: name,
    $fault: 'client',
    $metadata: { httpStatusCode: status },
  });
  it.each([
    ['refused', client('InvalidGroup.NotFound')],
    ['refused', client('UnauthorizedOperation', 403)],
    ['throttled', client('RequestLimitExceeded', 503)],
    ['throttled', client('Unheard', 429)],
    ['throttled', client('RequestExpired')],
    ['unclear', client('InternalError', 500)],
    ['unclear', client('Unavailable', 503)],
    ['unclear', { name: 'Unheard', $fault: 'server', $metadata: { httpStatusCode: 500 } }],
    ['unclear', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['unclear', new DOMException('too long', 'TimeoutError')],
    ['unclear', new SyntaxError('no XML')],
    ['unclear', 'a string'],
    ['unclear', undefined],
  ])('is %s: %j', (kind, error) => {
    expect(failureKind(error)).toBe(kind);
  });
});

describe('calls', () => {
  it('are repeated only where that is safe, and never more often than allowed', async () => {
    const outcomes = fc.array(fc.constantFrom('ok', 'refused', 'throttled', 'unclear'), { minLength: 10 });
    await fc.assert(
      fc.asyncProperty(
        outcomes,
        fc.boolean(),
        fc.integer({ min: 1, max: 6 }),
        async (list, repeatable, tries) => {
          const clock = new TestClock();
          const caller = new AwsCaller({ tries }, clock);
          const seen: string[] = [];
          const send = async (): Promise<string> => {
            const next = list[seen.length];
            seen.push(next);
            if (next === 'ok') return 'done';
            if (next === 'unclear') throw new Error('reset');
            throw Object.assign(new Error(next), {
              name: next === 'refused' ? 'InvalidParameterValue' : 'Throttling',
              $fault: 'client',
            });
          };
          const result = await caller
            .call('Act', repeatable, send, NEVER)
            .catch((error: AwsCallError) => error);
          // The oracle: the tries up to and with the first that ends it.
          const ends = (each: string): boolean =>
            each === 'ok' || each === 'refused' || (each === 'unclear' && !repeatable);
          const first = list.findIndex(ends);
          const expected = list.slice(0, Math.min(tries, first < 0 ? tries : first + 1));
          expect(seen).toEqual(expected);
          expect(clock.slept).toHaveLength(expected.length - 1);
          if (expected.at(-1) === 'ok') expect(result).toBe('done');
          else {
            expect(result).toMatchObject({
              kind: expected.at(-1),
              tries: expected.length,
              mayBeDone: expected.includes('unclear'),
            });
          }
        },
      ),
    );
  });
});

describe('a shared read', () => {
  it('gives every caller what was read after it asked, and joins those who ask together', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
        async (s, gaps) => {
          let time = 0;
          let running = 0;
          let reads = 0;
          const shared = new SharedRead(async () => {
            reads += 1;
            running += 1;
            expect(running).toBe(1);
            const begunAt = ++time;
            await s.schedule(Promise.resolve());
            running -= 1;
            return begunAt;
          });
          const asks = gaps.map(async (gap, i) => {
            for (let wait = 0; wait < gap; wait++) await s.schedule(Promise.resolve(), `ask ${i}`);
            const askedAt = ++time;
            const begunAt = await shared.read(NEVER);
            expect(begunAt).toBeGreaterThan(askedAt);
          });
          await s.waitFor(Promise.all(asks));
          expect(reads).toBeLessThanOrEqual(gaps.length);
        },
      ),
    );
  });

  it('is cut off when the last caller leaves, and not before', async () => {
    const signals: AbortSignal[] = [];
    const shared = new SharedRead(
      (signal) =>
        new Promise<number>((resolve, reject) => {
          signals.push(signal);
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          if (signals.length === 2) resolve(2);
        }),
    );
    const [a, b] = [new AbortController(), new AbortController()];
    const reads = [shared.read(a.signal), shared.read(b.signal)].map((read) => read.catch((e: unknown) => e));
    await new Promise(setImmediate);
    a.abort(new Error('a'));
    expect(signals[0].aborted).toBe(false);
    b.abort(new Error('b'));
    expect(signals[0].aborted).toBe(true);
    expect((await Promise.all(reads)).map(String)).toEqual(['Error: a', 'Error: b']);
    expect(await shared.read(NEVER)).toBe(2);
  });

  it('goes on after a read that failed', async () => {
    let reads = 0;
    const shared = new SharedRead(async () => {
      reads += 1;
      if (reads === 1) throw new Error('first');
      return reads;
    });
    await expect(shared.read(NEVER)).rejects.toThrow('first');
    expect(await shared.read(NEVER)).toBe(2);
  });
});

describe('the table of instance types', () => {
  it('is sane', () => {
    expect(knownInstanceTypes().length).toBeGreaterThan(40);
    for (const type of knownInstanceTypes()) {
      const { interfaces, addressesPerInterface, networkMbps } = knownLimits(type)!;
      expect(interfaces, type).toBeGreaterThanOrEqual(2);
      expect(addressesPerInterface, type).toBeGreaterThanOrEqual(10);
      expect(networkMbps, type).toBeGreaterThanOrEqual(750);
    }
    for (const type of ['m5', 'm5.', '.large', '', 'x9.large', 'm5.large.more']) {
      if (type !== 'm5.large.more') expect(knownLimits(type)).toBeUndefined();
    }
  });
});

describe('an interface as EC2 shows it', () => {
  it('has its primary address first and the others in order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 10 }), (addresses) => {
        const [primary] = addresses;
        const shown = [...addresses].reverse().map((address) => ({
          PrivateIpAddress: address,
          ...(address === primary && { Primary: true }),
        }));
        const own = toOwnInterface({
          NetworkInterfaceId: 'eni-1',
          MacAddress: '02:AB:00:00:00:01',
          SubnetId: 'subnet-1',
          PrivateIpAddresses: shown,
        });
        expect(own.addresses[0]).toBe(primary);
        const rest = own.addresses.slice(1).map(addressNumber);
        expect(rest).toEqual([...rest].sort((a, b) => a - b));
        expect([...own.addresses].sort()).toEqual([...addresses].sort());
        expect(own.macAddress).toBe('02:ab:00:00:00:01');
      }),
    );
  });

  it('that lacks what the agent needs is refused', () => {
    expect(() => toOwnInterface({ NetworkInterfaceId: 'eni-1' })).toThrow('AWS_BAD_ANSWER');
  });
});
