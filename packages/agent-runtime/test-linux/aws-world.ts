/** A fake EC2 and STS with one instance, which is this host, and the setup of an agent on it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, vi } from 'vitest';
import { agentId } from '../src/agent/agent-file.ts';
import { runCommand } from '../src/host/run-command.ts';
import { type AgentSetup, removeAgent } from '../src/index.ts';
import { FakeAwsServer } from '../test/aws/fake-aws/fake-aws-server.ts';
import { FakeCloud, type FakeInterface } from '../test/aws/fake-aws/fake-cloud.ts';
import { VpcNetwork } from './aws-vpc-network.ts';

export class AwsWorld {
  static readonly outside = '198.51.100.1';
  readonly cloud: FakeCloud;
  /** The VPC admits the first to the second and to itself, and nothing else. */
  readonly groups: { readonly web: string; readonly db: string; readonly other: string };
  readonly vpc: VpcNetwork;
  readonly fake: FakeAwsServer;
  readonly setup: AgentSetup;

  private constructor(
    cloud: FakeCloud,
    groups: AwsWorld['groups'],
    vpc: VpcNetwork,
    fake: FakeAwsServer,
    setup: AgentSetup,
  ) {
    this.cloud = cloud;
    this.groups = groups;
    this.vpc = vpc;
    this.fake = fake;
    this.setup = setup;
  }

  /** @param addressesPerInterface of the two interfaces for tasks */
  static async open(addressesPerInterface: number): Promise<AwsWorld> {
    const types = { 'small.one': { interfaces: 3, addressesPerInterface, baselineGbps: 1 } };
    const cloud = new FakeCloud({ nowMs: () => Date.now(), types, attachingMs: 300 });
    const subnet = cloud.addSubnet('10.77.0.0/24');
    const groups = { web: cloud.addGroup(), db: cloud.addGroup(), other: cloud.addGroup() };
    cloud.addRule({ groupId: groups.web, peer: groups.web, isEgress: false, ipProtocol: '-1' });
    const { id: instanceId } = cloud.runInstance('small.one', subnet.id, groups.other);
    const vpc = new VpcNetwork({
      cloud,
      instanceId,
      gateway: '10.77.0.1',
      outside: AwsWorld.outside,
      admitted: [[groups.web, groups.db]],
    });
    await vpc.open();
    const fake = await FakeAwsServer.start(cloud);
    fake.carriedOut = () => vpc.follow();
    const { endpoint, region, credentials } = fake.clientOptions;
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    const stateFolder = mkdtempSync(join(tmpdir(), 'stowage-aws-'));
    chmodSync(stateFolder, 0o711);
    return new AwsWorld(cloud, groups, vpc, fake, {
      stateFolder,
      backend: { kind: 'runc', plainRegistries: [inject('linux').registry] },
      network: {
        kind: 'aws',
        instanceId,
        region,
        endpoint,
        refreshIntervalMs: 1_500,
      },
      roles: { kind: 'sts', endpoint },
    });
  }

  /** Those that tasks use, attached or not. */
  interfaces(): readonly FakeInterface[] {
    return [...this.cloud.interfaces.values()].filter(({ attachment }) => attachment?.index !== 0);
  }

  /** Addresses for whose packets the agent's router has a rule. */
  async routedAddresses(): Promise<string[]> {
    const namespace = `stw-${await agentId(this.setup.stateFolder)}`;
    const { stdout } = await runCommand('ip', ['-n', namespace, '-json', 'rule', 'show']);
    const rules = JSON.parse(stdout) as { src?: string }[];
    return rules.flatMap(({ src }) => (src === undefined || src === 'all' ? [] : [src])).sort();
  }

  /** Everything goes, the agent's own things on this host as well; it must be closed. */
  async close(): Promise<void> {
    vi.unstubAllEnvs();
    const errors: unknown[] = [];
    for (const work of [() => removeAgent(this.setup), () => this.fake.close(), () => this.vpc.close()])
      await work().catch((error: unknown) => errors.push(error));
    rmSync(this.setup.stateFolder, { recursive: true, force: true });
    if (errors.length > 0) throw new AggregateError(errors, 'Something is left on the host.');
  }
}
