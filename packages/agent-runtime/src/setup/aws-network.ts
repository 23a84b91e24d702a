/**
 * The parts of a network of kind `aws`. What the driver must know of the instance is kept in a file of the state folder:
 * while EC2 or the instance metadata service do not answer, a restarted agent opens with what is there and takes its
 * running tasks over, rather than to leave them alone until EC2 is back.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError } from '@stowage/protocol';
import { type AwsTiming, SYSTEM_TIMING } from '../aws/aws-caller.ts';
import { AwsCallError } from '../aws/aws-errors.ts';
import { loadEc2 } from '../aws/ec2-api.ts';
import { type Ec2Facts, type Ec2VpcOptions, ec2VpcOf, readEc2Facts } from '../aws/ec2-connection.ts';
import { EniUplink } from '../aws/eni-uplink.ts';
import { type InstanceIdentity, readInstanceIdentity } from '../aws/instance-identity.ts';
import { UplinkedVpc } from '../aws/uplinked-vpc.ts';
import { writeFileAtomically } from '../host/atomic-file.ts';
import type { NetworkFacilityOptions } from '../network/network-facility.ts';
import type { AwsNetworkSetup } from './agent-setup.ts';

interface Instance extends Ec2Facts {
  readonly instanceId: string;
  readonly region?: string;
}

export interface AwsNetworkParts extends Pick<NetworkFacilityOptions, 'driver' | 'securityGroups' | 'pool'> {
  /** Undefined when the SDK finds it by itself. */
  readonly region?: string;
}

/** The outside world apart from EC2; tests put their own here. */
export interface AwsNetworkWorld {
  readonly timing: AwsTiming;
  readonly identity: () => Promise<InstanceIdentity>;
}

const SYSTEM_WORLD: AwsNetworkWorld = { timing: SYSTEM_TIMING, identity: () => readInstanceIdentity() };

/** How long opening waits for EC2: when it can go on without, and when it cannot. */
const PATIENCE_MS = { known: 15_000, unknown: 120_000 };

/**
 * Tries of one call and of one operation, which multiply. A call that is throttled is repeated by the caller alone; the
 * pool's second try is for what only a new look at the interfaces can mend.
 */
const CALL_TRIES = 5;
const OPERATION_TRIES = 2;

/**
 * @param namespace of the router, made before the driver is used
 * @throws AgentError `AWS_SDK_MISSING`, `AWS_NO_IDENTITY`, `AWS_UNKNOWN_INSTANCE`, `AWS_FOREIGN_INTERFACE`,
 *   `AWS_LIMITS_UNKNOWN`; AwsCallError; the first time also when EC2 does not answer
 */
export async function openAwsNetwork(
  setup: AwsNetworkSetup,
  stateFolder: string,
  namespace: string,
  world: AwsNetworkWorld = SYSTEM_WORLD,
): Promise<AwsNetworkParts> {
  const { timing } = world;
  const instance = await findInstance(setup, join(stateFolder, 'aws-instance.json'), world);
  const { region } = instance;
  const { securityGroups, refreshIntervalMs } = setup;
  const driver = ec2VpcOf(await ec2Options(setup, instance, timing), instance);
  return {
    driver: new UplinkedVpc(driver, new EniUplink({ routerNamespace: namespace, timing })),
    pool: {
      attempts: OPERATION_TRIES,
      ...(refreshIntervalMs !== undefined && { refreshIntervalMs }),
    },
    ...(securityGroups !== undefined && { securityGroups }),
    ...(region !== undefined && { region }),
  };
}

async function findInstance(setup: AwsNetworkSetup, path: string, world: AwsNetworkWorld): Promise<Instance> {
  const kept = await readKept(path);
  const known = kept !== undefined && kept.instanceId === (setup.instanceId ?? kept.instanceId);
  try {
    const found = await askForInstance(setup, known ? PATIENCE_MS.known : PATIENCE_MS.unknown, world);
    await writeFileAtomically(path, JSON.stringify({ version: 1, ...found }));
    return found;
  } catch (error) {
    if (!known || !isPassing(error)) throw error;
    const region = setup.region ?? kept.region;
    return { ...kept, ...(region !== undefined && { region }) };
  }
}

async function askForInstance(
  setup: AwsNetworkSetup,
  patienceMs: number,
  { timing, identity: whoAmI }: AwsNetworkWorld,
): Promise<Instance> {
  const identity = setup.instanceId === undefined ? await whoAmI() : undefined;
  const instanceId = setup.instanceId ?? identity!.instanceId;
  const region = setup.region ?? identity?.region;
  const who = { instanceId, ...(region !== undefined && { region }) };
  const facts = await readEc2Facts(await ec2Options(setup, who, timing), AbortSignal.timeout(patienceMs));
  return { ...who, ...facts };
}

async function ec2Options(
  { endpoint, subnetId, limits }: AwsNetworkSetup,
  { instanceId, region }: Pick<Instance, 'instanceId' | 'region'>,
  timing: AwsTiming,
): Promise<Ec2VpcOptions> {
  const ec2 = await loadEc2({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
  });
  return {
    ec2,
    instanceId,
    tries: CALL_TRIES,
    timing,
    ...(subnetId !== undefined && { subnetId }),
    ...(limits !== undefined && { limits }),
  };
}

/** Says nothing of the setup or the instance: it may work a while later. */
function isPassing(error: unknown): boolean {
  if (error instanceof AwsCallError) return error.kind !== 'refused';
  if (error instanceof AgentError) return error.code === 'AWS_NO_IDENTITY';
  return error instanceof DOMException && error.name === 'TimeoutError';
}

/** A file that cannot be used counts as none: EC2 knows better. */
async function readKept(path: string): Promise<Instance | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { version, ...kept } = JSON.parse(text) as Instance & { readonly version: number };
    const { instanceId, subnetId, limits } = kept;
    const valid =
      version === 1 &&
      typeof instanceId === 'string' &&
      typeof subnetId === 'string' &&
      [limits.interfaces, limits.addressesPerInterface, limits.networkMbps].every((each) => each > 0);
    return valid ? kept : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
