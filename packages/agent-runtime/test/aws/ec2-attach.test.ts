import { describe, expect, it } from 'vitest';
import { AwsCallError } from '../../src/aws/aws-errors.ts';
import { CREATED_TAG, OWNER_TAG } from '../../src/aws/own-interface.ts';
import { UnavailableError } from '../../src/contract/container-backend.ts';
import { failure, faults, NEVER, withFixture } from './aws-fixture.ts';
import type { Fault } from './fake-aws/fake-aws-server.ts';

describe('attach', () => {
  it('makes a tagged interface that goes with the instance', () =>
    withFixture(async ({ cloud, connect, fake, groups, instance, subnet }) => {
      const driver = await connect();
      const made = await driver.attach(2, [groups[1], groups[0]], NEVER);
      expect(made).toEqual({
        id: made.id,
        index: 2,
        macAddress: cloud.interface(made.id).macAddress,
        subnet: { id: subnet.id, cidr: '10.1.0.0/20', gateway: '10.1.0.1' },
        securityGroups: [groups[0], groups[1]],
        addresses: ['10.1.0.5'],
      });
      expect(await driver.interfaces(NEVER)).toEqual([made]);
      const real = cloud.interface(made.id);
      expect(real.tags).toEqual({ [OWNER_TAG]: instance.id, [CREATED_TAG]: '2026-01-01T00:00:00.000Z' });
      expect(real.attachment).toMatchObject({ index: 2, instanceId: instance.id, deleteOnTermination: true });
      cloud.terminate(instance.id);
      expect(cloud.interfaces.size).toBe(0);
      expect(fake.calls.filter((each) => !each.startsWith('Describe'))).toEqual([
        'CreateNetworkInterface',
        'AttachNetworkInterface',
        'ModifyNetworkInterfaceAttribute',
      ]);
    }));

  it.each<[string, Fault]>([
    ['CreateNetworkInterface', 'reset-after'],
    ['CreateNetworkInterface', 'error-after'],
    ['CreateNetworkInterface', 'reset-before'],
    ['AttachNetworkInterface', 'reset-after'],
    ['AttachNetworkInterface', 'error-after'],
    ['AttachNetworkInterface', 'error-before'],
    ['ModifyNetworkInterfaceAttribute', 'reset-after'],
  ])('makes one interface alone although %s meets a %s', (action, fault) =>
    withFixture(async ({ cloud, connect, fake, groups }) => {
      const driver = await connect();
      fake.faultFor = faults(action, fault, fault);
      const made = await driver.attach(1, [groups[0]], NEVER);
      expect(await driver.interfaces(NEVER)).toEqual([made]);
      // The host's own and this one.
      expect(cloud.interfaces.size).toBe(2);
      expect(cloud.interface(made.id).attachment).toMatchObject({ index: 1, deleteOnTermination: true });
    }),
  );

  it('uses the spare that a cut-off attach left, with the groups that are asked for now', () =>
    withFixture(async ({ cloud, connect, fake, groups }) => {
      const driver = await connect();
      fake.faultFor = (action) => (action === 'AttachNetworkInterface' ? 'reset-before' : undefined);
      expect(await failure(driver.attach(1, [groups[0]], NEVER))).toMatchObject({
        code: 'AWS_CALL_FAILED',
        kind: 'unclear',
        mayBeDone: true,
        tries: 6,
      });
      fake.faultFor = () => undefined;
      expect(await driver.interfaces(NEVER)).toEqual([]);
      const made = await driver.attach(3, [groups[1]], NEVER);
      expect(made).toMatchObject({ index: 3, securityGroups: [groups[1]] });
      expect(cloud.interfaces.size).toBe(2);
    }));

  it('makes a new one when the spare has gone', () =>
    withFixture(async ({ cloud, clock, connect, groups, instance, subnet }) => {
      const driver = await connect();
      const tags = { [OWNER_TAG]: instance.id };
      const spare = cloud.createInterface({ subnetId: subnet.id, groups: [groups[0]], tags });
      clock.now += 1000;
      cloud.delete(spare.id);
      let reads = 0;
      cloud.lagMs = () => (reads++ === 0 ? 500 : 0);
      const made = await driver.attach(1, [groups[0]], NEVER);
      expect(made.id).not.toBe(spare.id);
      expect(await driver.interfaces(NEVER)).toEqual([made]);
    }));

  it('gives different slots different interfaces when called at the same time', () =>
    withFixture(async ({ cloud, connect, groups, instance, subnet }) => {
      const driver = await connect();
      const tags = { [OWNER_TAG]: instance.id };
      cloud.createInterface({ subnetId: subnet.id, groups: [groups[0]], tags });
      const made = await Promise.all([1, 2, 3].map((index) => driver.attach(index, [groups[0]], NEVER)));
      expect(await driver.interfaces(NEVER)).toEqual(made);
      expect(cloud.interfaces.size).toBe(4);
    }));

  it('does not take for a spare what another call is just making', () =>
    withFixture(async ({ clock, cloud, connect, fake, groups }) => {
      const driver = await connect();
      // The first is made, but its answer is lost; while that call pauses, the second begins.
      fake.faultFor = faults('CreateNetworkInterface', 'reset-after');
      const { sleep } = clock;
      let second: Promise<unknown> | undefined;
      clock.sleep = async (delayMs, signal) => {
        if (second === undefined) {
          second = driver.attach(2, [groups[0]], NEVER);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        await sleep.call(clock, delayMs, signal);
      };
      const first = await driver.attach(1, [groups[0]], NEVER);
      expect([first, await second]).toEqual(await driver.interfaces(NEVER));
      expect(cloud.interfaces.size).toBe(3);
    }));

  it('that waits for its turn ends at once with the reason of its signal, and the next has its turn', () =>
    withFixture(async ({ clock, connect, fake, groups }) => {
      const driver = await connect();
      fake.faultFor = faults('CreateNetworkInterface', 'throttle');
      let resume: () => void = () => undefined;
      const paused = new Promise<void>((resolve) => {
        clock.sleep = () => {
          resolve();
          return new Promise((wake) => (resume = wake));
        };
      });
      const first = driver.attach(1, [groups[0]], NEVER);
      await paused;
      const abort = new AbortController();
      const second = failure(driver.attach(2, [groups[0]], abort.signal));
      const third = driver.attach(3, [groups[0]], NEVER);
      const reason = new Error('enough');
      abort.abort(reason);
      expect(await second).toBe(reason);
      resume();
      expect([await first, await third]).toEqual(await driver.interfaces(NEVER));
    }));

  it('leaves a slot that holds other groups', () =>
    withFixture(async ({ cloud, connect, groups }) => {
      const driver = await connect();
      const made = await driver.attach(1, [groups[0]], NEVER);
      expect(await driver.attach(1, [groups[0]], NEVER)).toEqual(made);
      expect(await failure(driver.attach(1, [groups[1]], NEVER))).toMatchObject({ code: 'AWS_SLOT_TAKEN' });
      expect(cloud.interface(made.id).groups).toEqual([groups[0]]);
      expect(cloud.interfaces.size).toBe(2);
    }));

  it('tells of the limit with EC2’s code, and the spare is not multiplied', () =>
    withFixture(async ({ cloud, connect, groups }) => {
      const driver = await connect();
      for (const index of [1, 2, 3]) await driver.attach(index, [groups[0]], NEVER);
      for (let i = 0; i < 3; i++) {
        const error = await failure(driver.attach(4, [groups[0]], NEVER));
        expect(error).toBeInstanceOf(UnavailableError);
        const { cause } = error as UnavailableError;
        expect(cause).toBeInstanceOf(AwsCallError);
        expect(cause).toMatchObject({ awsCode: 'AttachmentLimitExceeded', kind: 'refused', tries: 1 });
        expect(String(error)).toContain('AttachmentLimitExceeded');
      }
      expect(cloud.interfaces.size).toBe(5);
    }));

  it('tells that the subnet has no address left, so that another agent is tried', () =>
    withFixture(
      async ({ connect, groups }) => {
        const driver = await connect();
        const made = await driver.attach(1, [groups[0]], NEVER);
        while ((await driver.assignAddresses(made.id, 5, NEVER)).length > 0);
        await driver.attach(2, [groups[0]], NEVER);
        const error = await failure(driver.attach(3, [groups[0]], NEVER));
        expect(error).toBeInstanceOf(UnavailableError);
        expect(String(error)).toContain('InsufficientFreeAddressesInSubnet');
      },
      // 16 addresses, of which 5 are reserved; the instance itself has one.
      {
        cidr: '10.1.0.0/28',
        types: { 'small.one': { interfaces: 4, addressesPerInterface: 9, baselineGbps: 1 } },
      },
    ));

  it('waits for EC2 to show it, and gives up in time', () =>
    withFixture(
      async ({ cloud, clock, connect, groups }) => {
        const driver = await connect();
        cloud.lagMs = () => 8000;
        const begunMs = clock.now;
        const made = await driver.attach(1, [groups[0]], NEVER);
        expect(clock.now - begunMs).toBeGreaterThanOrEqual(8000);
        expect(await driver.interfaces(NEVER)).toEqual([made]);
        cloud.lagMs = () => 100_000;
        expect(await failure(driver.attach(2, [groups[0]], NEVER))).toMatchObject({
          code: 'AWS_NOT_VISIBLE',
        });
      },
      { attachingMs: 3000 },
    ));
});
