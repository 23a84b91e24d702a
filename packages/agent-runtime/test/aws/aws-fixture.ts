/** A fake cloud with one instance, a clock that tests move, and drivers over the real SDK. */
import { loadEc2 } from '../../src/aws/ec2-api.ts';
import { connectEc2Vpc, type Ec2VpcOptions } from '../../src/aws/ec2-connection.ts';
import type { Ec2VpcDriver } from '../../src/aws/ec2-vpc-driver.ts';
import type { AwsTiming } from '../../src/aws/aws-caller.ts';
import { FakeAwsServer, type Fault } from './fake-aws/fake-aws-server.ts';
import {
  FakeCloud,
  type FakeCloudOptions,
  type FakeInstance,
  type FakeSubnet,
} from './fake-aws/fake-cloud.ts';

/** Sleeping moves it on at once. */
export class TestClock implements AwsTiming {
  now = Date.parse('2026-01-01T00:00:00Z');
  slept: number[] = [];
  random: () => number = () => 0.5;

  nowMs(): number {
    return this.now;
  }

  async sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(delayMs);
    this.now += delayMs;
  }
}

export const TYPES = { 'small.one': { interfaces: 4, addressesPerInterface: 6, baselineGbps: 1.25 } };

export interface Fixture {
  readonly clock: TestClock;
  readonly cloud: FakeCloud;
  readonly fake: FakeAwsServer;
  readonly subnet: FakeSubnet;
  readonly groups: readonly string[];
  readonly instance: FakeInstance;
  connect(options?: Partial<Ec2VpcOptions>): Promise<Ec2VpcDriver>;
}

export async function withFixture<T>(
  use: (fixture: Fixture) => Promise<T>,
  options: Partial<FakeCloudOptions> & { readonly cidr?: string } = {},
): Promise<T> {
  const clock = new TestClock();
  const cloud = new FakeCloud({ nowMs: () => clock.now, types: TYPES, ...options });
  const subnet = cloud.addSubnet(options.cidr ?? '10.1.0.0/20');
  const groups = [cloud.addGroup(), cloud.addGroup(), cloud.addGroup()];
  const instance = cloud.runInstance('small.one', subnet.id, groups[0]);
  const fake = await FakeAwsServer.start(cloud);
  try {
    const ec2 = await loadEc2(fake.clientOptions);
    return await use({
      clock,
      cloud,
      fake,
      subnet,
      groups,
      instance,
      connect: (more = {}) => connectEc2Vpc({ ec2, instanceId: instance.id, timing: clock, ...more }, NEVER),
    });
  } finally {
    await fake.close();
  }
}

export const NEVER: AbortSignal = new AbortController().signal;

/** Strikes the next calls of an action, one fault each. */
export function faults(action: string, ...list: Fault[]): (called: string) => Fault | undefined {
  return (called) => (called === action ? list.shift() : undefined);
}

export async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('It should have failed.');
    },
    (error: unknown) => error,
  );
}
