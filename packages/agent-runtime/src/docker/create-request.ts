/**
 * Translates a container spec into the engine's terms, field by field; nothing of the spec is left to a default of the
 * engine. The gate stands before the user's command. Health checks of the image are off: they would run the user's
 * code before the gate opens.
 */
import { isAbsolute } from 'node:path';
import { InvalidContainerError, UnavailableError } from '../contract/container-backend.ts';
import type { ContainerSpec } from '../contract/container-spec.ts';
import type { EngineFacts } from './engine-facts.ts';
import type { CreateRequest, HostConfig } from './engine-types.ts';
import { GATE_TARGET, GATE_VARIABLES, gateEntrypoint } from './gate-script.ts';
import { strictSeccompProfile } from './strict-seccomp.ts';

/** By these the backend finds its own containers. */
export const OWNER_LABEL = 'stowage.owner';
export const ID_LABEL = 'stowage.id';

const MIB = 1024 * 1024;

/**
 * @param gateFolder - on the host, of this container
 * @throws InvalidContainerError, UnavailableError
 */
export function createRequest(
  spec: ContainerSpec,
  owner: string,
  gateFolder: string,
  facts: EngineFacts,
): CreateRequest {
  checkEnvironment(spec.environment);
  return {
    Image: spec.image.id,
    Hostname: spec.hostname,
    User: spec.user,
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    Entrypoint: gateEntrypoint(spec.environment),
    Cmd: spec.args,
    WorkingDir: spec.workingDirectory,
    Labels: { ...spec.labels, [OWNER_LABEL]: owner, [ID_LABEL]: spec.id },
    StopSignal: spec.stopSignal,
    Tty: false,
    OpenStdin: false,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: hostConfig(spec, gateFolder, facts),
  };
}

function hostConfig(spec: ContainerSpec, gateFolder: string, facts: EngineFacts): HostConfig {
  const { cpu, security, logs } = spec;
  return {
    NetworkMode: spec.network,
    IpcMode: 'private',
    CpuShares: cpu.shares,
    ...(cpu.quotaMicros !== undefined && { CpuQuota: cpu.quotaMicros, CpuPeriod: cpu.periodMicros }),
    ...(cpu.cpus !== undefined && { CpusetCpus: cpu.cpus.join(',') }),
    Memory: spec.memoryBytes,
    // Memory and swap together: so there is no swap.
    MemorySwap: spec.memoryBytes,
    PidsLimit: spec.pids,
    OomScoreAdj: spec.oomScoreAdjust,
    Ulimits: spec.limits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    CapDrop: ['ALL'],
    CapAdd: security.capabilities,
    SecurityOpt: securityOptions(security),
    ReadonlyRootfs: security.readOnlyRoot,
    UsernsMode: usernsMode(security.userNamespace, facts),
    Mounts: [
      bind(gateFolder, GATE_TARGET, true),
      ...spec.mounts
        .filter(({ kind }) => kind === 'bind')
        .map(({ source, target, readOnly }) => bind(source, target, readOnly)),
    ],
    Tmpfs: Object.fromEntries(
      spec.mounts
        .filter(({ kind }) => kind === 'tmpfs')
        .map(({ target, readOnly, sizeMiB }) => [
          target,
          ['nosuid', 'nodev', 'exec', 'mode=1777', readOnly ? 'ro' : 'rw']
            .concat(sizeMiB === undefined ? [] : `size=${sizeMiB * MIB}`)
            .join(','),
        ]),
    ),
    ...(spec.diskBytes !== undefined && { StorageOpt: diskLimit(spec.diskBytes, facts) }),
    LogConfig: {
      Type: 'json-file',
      Config: { 'max-size': String(logs.maxFileBytes), 'max-file': String(logs.maxFiles) },
    },
  };
}

function securityOptions({ noNewPrivileges, seccomp }: ContainerSpec['security']): readonly string[] {
  const options = noNewPrivileges ? ['no-new-privileges=true'] : [];
  switch (seccomp) {
    case 'default':
      return options;
    case 'strict':
      return [...options, `seccomp=${strictSeccompProfile()}`];
    case 'unconfined':
      return [...options, 'seccomp=unconfined'];
  }
}

function usernsMode(userNamespace: boolean, facts: EngineFacts): '' | 'host' {
  if (userNamespace && !facts.remapsUsers) {
    throw new UnavailableError(
      'This engine runs without user namespaces; start dockerd with --userns-remap or set security.userNamespace false.',
    );
  }
  return facts.remapsUsers && !userNamespace ? 'host' : '';
}

function diskLimit(bytes: number, facts: EngineFacts): { size: string } {
  if (!facts.limitsDisk) {
    throw new UnavailableError(`This engine cannot limit disk space: ${facts.diskDetail}.`);
  }
  return { size: String(bytes) };
}

function bind(source: string | undefined, target: string, readOnly: boolean): HostConfig['Mounts'][number] {
  if (source === undefined || !isAbsolute(source) || !isAbsolute(target)) {
    throw new InvalidContainerError(`The mount of ${String(source)} at ${target} needs two absolute paths.`);
  }
  return {
    Type: 'bind',
    Source: source,
    Target: target,
    ReadOnly: readOnly,
    // What is mounted below would stay writable.
    BindOptions: { Propagation: 'rprivate', NonRecursive: readOnly },
  };
}

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (name === '' || name.includes('=') || /\0/.test(name + value)) {
      throw new InvalidContainerError(`"${name}" cannot be an environment variable.`);
    }
    if (GATE_VARIABLES.includes(name)) {
      throw new InvalidContainerError(`The environment variable ${name} is reserved; use another name.`);
    }
  }
}
