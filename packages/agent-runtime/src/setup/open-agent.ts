/**
 * Puts an agent together: backend, facilities in the order in which tasks need them, health that fences, and numbers.
 * The order is that of dependence: the metadata service knows a container by the address that the network gave it.
 */
import { mkdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { AgentError } from '@stowage/protocol';
import { Agent } from '../agent/agent.ts';
import { agentId } from '../agent/agent-file.ts';
import { type AgentObserver, safeObserver } from '../agent/agent-observer.ts';
import { lockStateFolder } from '../agent/state-lock.ts';
import type { ContainerBackend } from '../contract/container-backend.ts';
import { loadSts, StsRoleAssumer } from '../aws/sts-role-assumer.ts';
import { CpuFacility } from '../cpu/cpu-facility.ts';
import { authFileCredentials } from '../docker/auth-file.ts';
import { DockerBackend } from '../docker/docker-backend.ts';
import { HealthMonitor, type HealthReport } from '../health/health-monitor.ts';
import { MetadataFacility } from '../metadata/metadata-facility.ts';
import type { RoleAssumer } from '../metadata/role-assumer.ts';
import { AgentMetrics } from '../metrics/agent-metrics.ts';
import { MetricsServer } from '../metrics/metrics-server.ts';
import { LocalVpc } from '../network/local-vpc.ts';
import { NamespaceShell } from '../network/namespace-shell.ts';
import { NetworkFacility } from '../network/network-facility.ts';
import { RuncBackend } from '../runc/runc-backend.ts';
import { openAwsNetwork } from './aws-network.ts';
import type { AgentSetup } from './agent-setup.ts';
import { HostAgent } from './host-agent.ts';
import { hostHealth } from './host-health.ts';
import { LiveContainers } from './live-containers.ts';

/** What a setup cannot hold, as it is no data. @public */
export interface AgentExtras {
  /** Gives tasks the credentials of their roles. Default: what the setup says of roles. */
  readonly roleAssumer?: RoleAssumer;
  /** Told what happens inside the agent, beside its metrics. What hooks wrote is the containers' own text. */
  readonly observer?: AgentObserver;
  /**
   * Told when addresses or interfaces could not be given back to the cloud, or its rules not be read; it is tried again
   * later.
   */
  readonly onCollectFailed?: (error: unknown) => void;
}

/**
 * Opens the agent that a setup describes, on the state that an earlier one has left.
 * @throws AgentError `INVALID_OPTION` when the state folder is not absolute; as `Agent.open`, `MetricsServer.open` and
 * the facilities do; nothing is left open then
 * @public
 */
export async function openAgent(setup: AgentSetup, extras: AgentExtras = {}): Promise<HostAgent> {
  checkSetup(setup);
  const { stateFolder, reservedCpus, metricsAddress } = setup;
  // Users of containers pass through it.
  await mkdir(stateFolder, { recursive: true, mode: 0o711 });
  // Before a backend looks at the folder: another agent may be at work there.
  const lock = await lockStateFolder(stateFolder);
  const closers: (() => Promise<void> | void)[] = [() => lock.release()];
  try {
    const owner = await agentId(stateFolder);
    const backend = await openBackend(setup, owner);
    closers.push(() => backend.close());
    const live = new LiveContainers();
    const network = await openNetwork(setup, owner, extras);
    const roleAssumer = extras.roleAssumer ?? (await openRoles(setup, network?.region));
    const cpu = await CpuFacility.open(reservedCpus === undefined ? {} : { reservedCpus });
    const metadata = network && openMetadata(setup, network.facility, roleAssumer);
    const facilities = [network?.facility, cpu, metadata, live].filter((each) => each !== undefined);
    const metrics = new AgentMetrics({
      liveTasks: () => live.all(),
      facilities: { cpu, ...(metadata !== undefined && { metadata }) },
    });
    closers.push(...facilities.map((facility) => () => facility.close()));
    const agent = await Agent.open({
      stateFolder,
      backend,
      facilities,
      observer: safeObserver(metrics, extras.observer ?? {}),
      ...(setup.hostNetwork !== true && {
        withheld: { 'host-network': 'the setup does not allow it (hostNetwork)' },
      }),
      lock: () => Promise.resolve(lock),
    });
    // From here on the agent closes what it was given.
    closers.splice(0, closers.length, () => agent.close());
    metrics.setFeatures(agent.features());

    const watched = hostHealth(setup, backend);
    const monitor = new HealthMonitor({
      checks: watched.checks,
      onChange: (report) => {
        metrics.setHealth(report);
        if (report.state === 'fenced') agent.fence(reasonsOf(report), 'health');
        else agent.unfence('health');
      },
    });
    closers.push(
      () => watched.close(),
      () => monitor.close(),
    );
    await monitor.start();
    const server =
      metricsAddress === undefined
        ? undefined
        : await MetricsServer.open({ address: metricsAddress, metrics, health: () => monitor.report() });
    if (server !== undefined) closers.push(() => server.close());
    return new HostAgent({
      agent,
      health: () => monitor.report(),
      liveTasks: () => live.all(),
      metricsText: () => metrics.text(),
      metricsAddress: server?.address,
      close: () => closeAll(closers),
    });
  } catch (error) {
    await closeAll(closers, error);
    throw error;
  }
}

/**
 * Takes what an agent keeps for all its tasks off the host: its router and its cgroups. The state folder stays.
 * @throws AgentError `INVALID_OPTION` as `openAgent`, `STATE_FOLDER_LOCKED` while the agent is open, `AGENT_IN_USE`
 * while it has containers; nothing is removed then
 * @public
 */
export async function removeAgent(setup: AgentSetup): Promise<void> {
  checkSetup(setup);
  const lock = await lockStateFolder(setup.stateFolder);
  try {
    const owner = await agentId(setup.stateFolder);
    const backend = await openBackend(setup, owner);
    try {
      const containers = await backend.list();
      if (containers.length > 0) {
        const ids = containers.slice(0, 5).map(({ id }) => id);
        throw new AgentError(
          'AGENT_IN_USE',
          `The agent of ${setup.stateFolder} has ${containers.length} containers (${ids.join(', ')}, …). Kill its tasks first.`,
        );
      }
      // Needs no cloud. Links of interfaces of EC2 return to the host with this, and the interfaces end with the instance.
      if (setup.network !== undefined) await new NamespaceShell(routerNamespace(owner)).remove();
    } finally {
      await backend.close();
    }
  } finally {
    await lock.release();
  }
}

/** Before anything is made. */
function checkSetup({ stateFolder }: AgentSetup): void {
  if (!isAbsolute(stateFolder))
    throw new AgentError('INVALID_OPTION', `stateFolder must be absolute; "${stateFolder}" is not.`);
}

async function openBackend({ backend, stateFolder }: AgentSetup, owner: string): Promise<ContainerBackend> {
  const folder = join(stateFolder, backend.kind);
  if (backend.kind === 'docker') {
    const { socketPath, authFile } = backend;
    return new DockerBackend({
      stateFolder: folder,
      owner,
      ...(socketPath !== undefined && { socketPath }),
      ...(authFile !== undefined && { credentials: authFileCredentials(authFile) }),
    });
  }
  const { plainRegistries, authFile, imageFolders, userRanges } = backend;
  return RuncBackend.open({
    stateFolder: folder,
    owner,
    ...(imageFolders !== undefined && { imageFolders }),
    ...(userRanges !== undefined && { userRanges }),
    images: {
      ...(plainRegistries !== undefined && { insecureRegistries: plainRegistries }),
      ...(authFile !== undefined && { authFile }),
    },
  });
}

interface OpenNetwork {
  readonly facility: NetworkFacility;
  /** Undefined when there is none, or the SDK finds it by itself. */
  readonly region?: string;
}

function routerNamespace(owner: string): string {
  return `stw-${owner}`;
}

async function openNetwork(
  { network, stateFolder }: AgentSetup,
  owner: string,
  { onCollectFailed }: AgentExtras,
): Promise<OpenNetwork | undefined> {
  if (network === undefined) return undefined;
  const namespace = routerNamespace(owner);
  const listeners = onCollectFailed === undefined ? {} : { onCollectFailed };
  if (network.kind === 'aws') {
    const { region, ...parts } = await openAwsNetwork(network, stateFolder, namespace);
    const facility = new NetworkFacility({ ...parts, ...listeners, namespace });
    return { facility, ...(region !== undefined && { region }) };
  }
  const { securityGroups, cidr, limits } = network;
  const facility = new NetworkFacility({
    driver: new LocalVpc({
      path: join(stateFolder, 'local-vpc.json'),
      securityGroups: securityGroups.map(({ id }) => id),
      ...(cidr !== undefined && { cidr }),
      ...(limits !== undefined && { limits }),
    }),
    securityGroups,
    namespace,
    // The file is never behind itself.
    pool: { settleMs: 0 },
    ...listeners,
  });
  return { facility };
}

async function openRoles(
  { roles }: AgentSetup,
  networkRegion: string | undefined,
): Promise<RoleAssumer | undefined> {
  if (roles === undefined) return undefined;
  const { region = networkRegion, endpoint } = roles;
  return new StsRoleAssumer(
    await loadSts({ ...(region !== undefined && { region }), ...(endpoint !== undefined && { endpoint }) }),
  );
}

function openMetadata(
  { placement }: AgentSetup,
  network: NetworkFacility,
  roleAssumer: RoleAssumer | undefined,
): MetadataFacility {
  return new MetadataFacility({
    namespacePath: network.routerNamespacePath,
    addressOf: (taskId) => network.addressOf(taskId),
    ...(placement !== undefined && { placement }),
    ...(roleAssumer !== undefined && { roleAssumer }),
  });
}

function reasonsOf({ reasons }: HealthReport): string {
  const fencing = reasons.filter(({ fences }) => fences);
  return fencing.map(({ check, message }) => `${check}: ${message}`).join('; ');
}

/** Newest first; all are closed whatever fails. */
async function closeAll(closers: readonly (() => Promise<void> | void)[], cause?: unknown): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, 'The agent could not be closed cleanly.', { cause });
}
