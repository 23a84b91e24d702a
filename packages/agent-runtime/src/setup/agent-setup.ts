/**
 * How an agent of this host is put together, as plain data: a file or a command line can hold it. Who needs other parts
 * (a backend, a driver, an assumer of roles of their own) gives them to `Agent.open` and the facilities directly, as
 * `open-agent.ts` does.
 */
import type { DiskCheckOptions, MemoryCheckOptions } from '../health/resource-checks.ts';
import type { Placement } from '../metadata/metadata-documents.ts';
import type { MetricsAddress } from '../metrics/metrics-server.ts';
import type { SecurityGroup } from '../network/security-groups.ts';
import type { VpcLimits } from '../network/vpc-driver.ts';
import type { UserRangeOptions } from '../runc/user-ranges.ts';

/** Containers by runc, without a daemon. @public */
export interface RuncSetup {
  readonly kind: 'runc';
  /** Registries, as `host[:port]`, that are spoken to without TLS. Default: none. */
  readonly plainRegistries?: readonly string[];
  /** Folders of this host from which, with all below them, tasks may take their root. Default: none. */
  readonly imageFolders?: readonly string[];
  /**
   * Credentials of registries in a file as `docker login` and `skopeo login` write it (`auths`, `credHelpers`), read at
   * each pull. Default: none.
   */
  readonly authFile?: string;
  /** Users outside of the containers. Default 2,048 ranges of 65,536 from 2,000,000,000 on; agents of one host need different ones. */
  readonly userRanges?: UserRangeOptions;
}

/** Containers by a Docker engine. @public */
export interface DockerSetup {
  readonly kind: 'docker';
  /** Default `/var/run/docker.sock`. */
  readonly socketPath?: string;
  /** As {@link RuncSetup.authFile}. Default: none; the engine itself has none either. */
  readonly authFile?: string;
}

/** A VPC that consists of this host alone. @public */
export interface LocalNetworkSetup {
  readonly kind: 'local';
  /** Range of the addresses. Default `10.64.0.0/16`. */
  readonly cidr?: string;
  /** Tasks may use these groups and no others. */
  readonly securityGroups: readonly SecurityGroup[];
  /** Default 15 interfaces with 50 addresses each, and 10,000 Mbit/s. */
  readonly limits?: Partial<VpcLimits>;
}

/**
 * Elastic network interfaces of the EC2 instance that this host is; one agent per instance. Needs `@aws-sdk/client-ec2`;
 * its credentials come from the SDK's usual places (environment, profile, instance). Interfaces stay attached when the
 * agent is closed or removed, and EC2 deletes them with the instance.
 * @public
 */
export interface AwsNetworkSetup {
  readonly kind: 'aws';
  /** Default: what the instance metadata service says; the region too, then. */
  readonly instanceId?: string;
  /** Default: as the SDK finds it in the environment or a profile. */
  readonly region?: string;
  /** URL of another endpoint of EC2, such as a private one of the VPC. */
  readonly endpoint?: string;
  /** For new interfaces. Default: that of the instance. */
  readonly subnetId?: string;
  /** Default: what EC2 says of the instance type. */
  readonly limits?: VpcLimits;
  /**
   * Rules between tasks that share an interface, which are tasks with equal groups: their packets do not leave the host,
   * so the VPC does not see them. All other traffic is judged by the VPC. Default: those that EC2 has for the groups, read
   * when a set of groups first comes to this host and at each refresh interval (needs `ec2:DescribeSecurityGroupRules`;
   * without, these tasks do not reach each other).
   */
  readonly securityGroups?: readonly SecurityGroup[];
  /** How often EC2 is asked what there is; an unused address is given back after twice this time. Default 60,000 ms. */
  readonly refreshIntervalMs?: number;
}

/**
 * Credentials of roles from STS. Needs `@aws-sdk/client-sts`, and credentials of the agent's own as for the network.
 * @public
 */
export interface StsRolesSetup {
  readonly kind: 'sts';
  /** Default: that of a network of kind `aws`, else as the SDK finds it in the environment or a profile. */
  readonly region?: string;
  /** URL of another endpoint of STS. */
  readonly endpoint?: string;
}

/** @public */
export type HostMinimums = Pick<DiskCheckOptions, 'minFreeMiB' | 'minFreeInodes'> &
  Pick<MemoryCheckOptions, 'minAvailableMiB'>;

/** @public */
export interface AgentSetup {
  /** Absolute; of this agent alone, kept over restarts. Users of containers pass through it, so its parents need mode o+x. */
  readonly stateFolder: string;
  readonly backend: RuncSetup | DockerSetup;
  /** Default: none, and tasks that ask for an address are refused. */
  readonly network?: LocalNetworkSetup | AwsNetworkSetup;
  /**
   * What gives tasks the credentials of their roles, which come over the network of a task. Default: none, and tasks with
   * a role are refused.
   */
  readonly roles?: StsRolesSetup;
  /** Where this host is, for the metadata service. Default: none, and the documents that tell it are absent. */
  readonly placement?: Placement;
  /** Tasks may share the host's network, and with it all that the host can reach. Default false. */
  readonly hostNetwork?: boolean;
  /** CPUs that tasks never get. Default: none. */
  readonly reservedCpus?: readonly number[];
  /** Registry whose answers are part of the host's health, as `https://registry.example`. Default: none. */
  readonly watchedRegistry?: string;
  /** What a healthy host has free. Default 1,024 MiB and 10,000 inodes under the state folder, 256 MiB of memory. */
  readonly minimums?: HostMinimums;
  /** Where numbers and health are served over HTTP. Default: nowhere. */
  readonly metricsAddress?: MetricsAddress;
}
