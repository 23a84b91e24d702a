import { AgentError } from '@stowage/protocol';
import { describe, expect, it } from 'vitest';
import { AwsCallError } from '../../src/aws/aws-errors.ts';
import { OWNER_TAG } from '../../src/aws/own-interface.ts';
import { InvalidContainerError } from '../../src/contract/container-backend.ts';
import { failure, faults, NEVER, withFixture } from './aws-fixture.ts';

describe('limits', () => {
  it('are what EC2 says of the instance type, without the host’s own interface', () =>
    withFixture(async ({ connect }) => {
      expect((await connect()).limits()).toEqual({
        interfaces: 3,
        addressesPerInterface: 6,
        networkMbps: 1250,
      });
    }));

  it('come from the table when the agent may not ask, and the type is in it', () =>
    withFixture(
      async ({ cloud, connect, fake, groups, subnet }) => {
        fake.forbidden.add('DescribeInstanceTypes');
        const { id } = cloud.runInstance('m5.large', subnet.id, groups[0]);
        const driver = await connect({ instanceId: id });
        expect(driver.limits()).toEqual({ interfaces: 2, addressesPerInterface: 10, networkMbps: 750 });
      },
      {
        types: {
          'small.one': { interfaces: 4, addressesPerInterface: 6, baselineGbps: 1.25 },
          'm5.large': { interfaces: 3, addressesPerInterface: 10, baselineGbps: 0.75 },
        },
      },
    ));

  it('must be given for a type that is in neither', () =>
    withFixture(async ({ connect, fake }) => {
      fake.forbidden.add('DescribeInstanceTypes');
      expect(await failure(connect())).toMatchObject({ code: 'AWS_LIMITS_UNKNOWN' });
      const limits = { interfaces: 1, addressesPerInterface: 2, networkMbps: 100 };
      expect((await connect({ limits })).limits()).toEqual(limits);
    }));
});

describe('connecting', () => {
  it('names an instance that does not exist', () =>
    withFixture(async ({ connect }) => {
      expect(await failure(connect({ instanceId: 'i-none' }))).toMatchObject({
        code: 'AWS_UNKNOWN_INSTANCE',
      });
    }));

  it('refuses an instance with an interface of somebody else, and takes one that is tagged', () =>
    withFixture(async ({ cloud, connect, groups, instance, subnet }) => {
      const tags: Record<string, string> = {};
      const { id } = cloud.createInterface({ subnetId: subnet.id, groups, tags });
      cloud.attach(id, instance.id, 1);
      const error = await failure(connect());
      expect(error).toMatchObject({ code: 'AWS_FOREIGN_INTERFACE' });
      expect(String(error)).toContain(id);
      cloud.interfaces.get(id)!.tags[OWNER_TAG] = instance.id;
      cloud.setGroups(id, [groups[0]]);
      expect((await (await connect()).interfaces(NEVER)).map((each) => each.id)).toEqual([id]);
    }));
});

describe('security groups', () => {
  it('that do not exist, are of another VPC or are too many are the task’s fault', () =>
    withFixture(async ({ cloud, connect, groups }) => {
      const driver = await connect();
      const made = await driver.attach(1, [groups[0]], NEVER);
      cloud.otherGroups.add('sg-other');
      const many = Array.from({ length: 6 }, () => cloud.addGroup());
      for (const bad of [['sg-none'], [groups[0], 'sg-none'], ['sg-other'], many]) {
        expect(await failure(driver.setSecurityGroups(made.id, bad, NEVER))).toBeInstanceOf(
          InvalidContainerError,
        );
        expect(await failure(driver.attach(2, bad, NEVER))).toBeInstanceOf(InvalidContainerError);
      }
      expect(await driver.interfaces(NEVER)).toEqual([made]);
      expect(cloud.interfaces.size).toBe(2);
    }));

  it('are in force when the call returns, whatever the answers', () =>
    withFixture(async ({ cloud, connect, fake, groups }) => {
      const driver = await connect();
      const made = await driver.attach(1, [groups[0]], NEVER);
      fake.faultFor = faults('ModifyNetworkInterfaceAttribute', 'throttle', 'reset-after', 'error-before');
      cloud.lagMs = () => 2000;
      await driver.setSecurityGroups(made.id, [groups[2], groups[1], groups[2]], NEVER);
      expect(await driver.interfaces(NEVER)).toMatchObject([{ securityGroups: [groups[1], groups[2]] }]);
      expect(cloud.interface(made.id).groups).toEqual([groups[1], groups[2]]);
    }));
});

describe('addresses', () => {
  it('are given up to the limit of the interface', () =>
    withFixture(async ({ connect, groups }) => {
      const driver = await connect();
      const made = await driver.attach(1, [groups[0]], NEVER);
      const first = await driver.assignAddresses(made.id, 2, NEVER);
      expect(first).toHaveLength(2);
      const second = await driver.assignAddresses(made.id, 40, NEVER);
      expect(second).toHaveLength(3);
      expect(await driver.assignAddresses(made.id, 1, NEVER)).toEqual([]);
      const [seen] = await driver.interfaces(NEVER);
      expect(seen.addresses).toEqual([...made.addresses, ...first, ...second]);
    }));

  it('are given as long as the subnet has some', () =>
    withFixture(
      async ({ connect, groups }) => {
        const driver = await connect();
        const made = await driver.attach(1, [groups[0]], NEVER);
        // A /28 has 11 usable addresses; the host and the interface took one each.
        expect(await driver.assignAddresses(made.id, 4, NEVER)).toHaveLength(4);
        const other = await driver.attach(2, [groups[0]], NEVER);
        expect(await driver.assignAddresses(other.id, 5, NEVER)).toHaveLength(3);
        expect(await driver.assignAddresses(other.id, 5, NEVER)).toHaveLength(1);
        expect(await driver.assignAddresses(other.id, 5, NEVER)).toEqual([]);
      },
      { cidr: '10.1.0.16/28' },
    ));

  it('are not asked for twice when the first call may have been carried out', () =>
    withFixture(async ({ cloud, connect, fake, groups }) => {
      const driver = await connect();
      const made = await driver.attach(1, [groups[0]], NEVER);
      fake.faultFor = faults('AssignPrivateIpAddresses', 'throttle', 'throttle', 'reset-after');
      expect(await failure(driver.assignAddresses(made.id, 2, NEVER))).toMatchObject({
        kind: 'unclear',
        mayBeDone: true,
        tries: 3,
      });
      expect(cloud.interface(made.id).addresses).toHaveLength(3);
      const [seen] = await driver.interfaces(NEVER);
      expect(seen.addresses).toEqual(cloud.interface(made.id).addresses);
    }));

  it('are given back although some have gone already', () =>
    withFixture(async ({ cloud, connect, fake, groups }) => {
      const driver = await connect();
      const made = await driver.attach(1, [groups[0]], NEVER);
      const given = await driver.assignAddresses(made.id, 4, NEVER);
      fake.faultFor = faults('UnassignPrivateIpAddresses', 'reset-after', 'error-after');
      await driver.unassignAddresses(made.id, given.slice(0, 2), NEVER);
      await driver.unassignAddresses(made.id, given.slice(1, 3), NEVER);
      await driver.unassignAddresses(made.id, [], NEVER);
      expect(cloud.interface(made.id).addresses).toEqual([...made.addresses, given[3]]);
      expect(await failure(driver.unassignAddresses(made.id, made.addresses, NEVER))).toBeInstanceOf(
        AwsCallError,
      );
    }));
});

describe('calls', () => {
  it('are few when many ask at once', () =>
    withFixture(async ({ connect, fake }) => {
      const driver = await connect();
      fake.calls.length = 0;
      await Promise.all(Array.from({ length: 50 }, () => driver.interfaces(new AbortController().signal)));
      expect(fake.calls.length).toBeLessThanOrEqual(2);
    }));

  it('back off with full jitter, and stop', () =>
    withFixture(async ({ clock, connect, fake }) => {
      const driver = await connect({ tries: 5, baseDelayMs: 100, maxDelayMs: 300 });
      fake.faultFor = () => 'throttle';
      fake.calls.length = 0;
      clock.slept.length = 0;
      clock.random = () => 0.999;
      expect(await failure(driver.interfaces(NEVER))).toMatchObject({
        awsCode: 'RequestLimitExceeded',
        kind: 'throttled',
        mayBeDone: false,
        tries: 5,
      });
      expect(fake.calls).toHaveLength(5);
      expect(clock.slept.map(Math.round)).toEqual([100, 200, 300, 300]);
    }));

  it('are not repeated when they are refused', () =>
    withFixture(async ({ connect, fake }) => {
      const driver = await connect();
      fake.forbidden.add('DescribeNetworkInterfaces');
      fake.calls.length = 0;
      const error = await failure(driver.interfaces(NEVER));
      expect(error).toBeInstanceOf(AgentError);
      expect(error).toMatchObject({ awsCode: 'UnauthorizedOperation', kind: 'refused' });
      expect(fake.calls).toHaveLength(1);
    }));

  it('of many agents get through although the account’s rate is limited', () =>
    withFixture(async ({ clock, cloud, connect, fake, groups, subnet }) => {
      let state = 1;
      clock.random = () => {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        return (state >>> 0) / 2 ** 32;
      };
      const ids = Array.from({ length: 8 }, () => cloud.runInstance('small.one', subnet.id, groups[0]).id);
      const drivers = await Promise.all(ids.map((instanceId) => connect({ instanceId, tries: 10 })));
      fake.calls.length = 0;
      fake.rate = { capacity: 10, perSecond: 20 };
      await Promise.all(
        drivers.flatMap((driver) =>
          [1, 2, 3].map(async (index) => {
            const { id } = await driver.attach(index, [groups[index % 2]], new AbortController().signal);
            expect(await driver.assignAddresses(id, 4, new AbortController().signal)).toHaveLength(4);
          }),
        ),
      );
      fake.rate = undefined;
      for (const driver of drivers) expect(await driver.interfaces(NEVER)).toHaveLength(3);
      // 24 times create, attach, modify and assign cannot be shared; describes are, and some calls were refused.
      expect(fake.calls.length).toBeGreaterThan(100);
      expect(fake.calls.length).toBeLessThan(1000);
      expect(cloud.interfaces.size).toBe(9 + 24);
    }));

  it('end with the reason of the signal, for the caller that aborted alone', () =>
    withFixture(async ({ connect, groups }) => {
      const driver = await connect();
      const abort = new AbortController();
      const reason = new Error('enough');
      const cut = failure(driver.interfaces(abort.signal));
      const whole = driver.interfaces(NEVER);
      abort.abort(reason);
      expect(await cut).toBe(reason);
      expect(await whole).toEqual([]);
      for (const work of [
        driver.interfaces(abort.signal),
        driver.attach(1, [groups[0]], abort.signal),
        driver.setSecurityGroups('eni-1', [groups[0]], abort.signal),
        driver.assignAddresses('eni-1', 1, abort.signal),
        driver.unassignAddresses('eni-1', ['10.1.0.9'], abort.signal),
        driver.collectGarbage(abort.signal),
      ]) {
        expect(await failure(work)).toBe(reason);
      }
    }));
});
