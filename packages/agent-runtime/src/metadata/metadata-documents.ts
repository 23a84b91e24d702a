/**
 * What the service tells a container about itself: a table of paths, and nothing beside it. A path is served only if it
 * stands in the table letter for letter, so no way of writing a path reaches anything else. The shapes are those of
 * EC2's metadata (categories, `iam/info`, instance identity document version 2017-09-30) as Titus answers them.
 */
import { createHash } from 'node:crypto';
import { arch } from 'node:process';
import { type Answer, json, problem, text } from './answer.ts';
import type { IamRole } from './iam-role.ts';
import { RoleDeniedError } from './role-assumer.ts';
import type { CredentialSource, HeldCredentials } from './role-session.ts';

/** Where the agent is, as the metadata service tells it. @public */
export interface Placement {
  readonly region: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId?: string;
  /** 12 digits. */
  readonly accountId: string;
}

/** One container as the metadata service knows it. */
export interface ContainerIdentity {
  readonly taskId: string;
  /** IPv4, and what the container is known by. */
  readonly address: string;
  /** Answers nothing without a session token. */
  readonly requireToken: boolean;
  readonly role?: { readonly iamRole: IamRole; readonly source: CredentialSource };
  /** When the task was prepared, in milliseconds since the epoch. */
  readonly preparedMs: number;
}

type Document = () => Answer | Promise<Answer>;

/** Path behind the version, as `/meta-data/mac`, to its document. */
export type DocumentTable = ReadonlyMap<string, Document>;

export function documentTable(container: ContainerIdentity, placement: Placement | undefined): DocumentTable {
  const { taskId, address, role } = container;
  const documents = new Map<string, Document>([
    ['/meta-data/hostname', () => text(address)],
    ['/meta-data/instance-id', () => text(taskId)],
    ['/meta-data/local-hostname', () => text(address)],
    ['/meta-data/local-ipv4', () => text(address)],
    ['/meta-data/mac', () => text('00:00:00:00:00:00')],
  ]);
  if (placement !== undefined) {
    const { region, availabilityZone, availabilityZoneId } = placement;
    documents.set('/meta-data/placement/availability-zone', () => text(availabilityZone));
    if (availabilityZoneId !== undefined) {
      documents.set('/meta-data/placement/availability-zone-id', () => text(availabilityZoneId));
    }
    documents.set('/meta-data/placement/region', () => text(region));
    documents.set('/dynamic/instance-identity/document', () => identityDocument(container, placement));
  }
  if (role !== undefined) {
    const { iamRole, source } = role;
    const folder = '/meta-data/iam/security-credentials';
    documents.set('/meta-data/iam/info', () => withCredentials(source, (held) => iamInfo(iamRole, held)));
    documents.set(`${folder}/${iamRole.name}`, () => withCredentials(source, credentialDocument));
  }
  return withFolders(documents);
}

/** Adds a listing for every folder, under its name with and without the slash. */
function withFolders(documents: ReadonlyMap<string, Document>): DocumentTable {
  const table = new Map(documents);
  const folders = new Map<string, Set<string>>();
  for (const path of documents.keys()) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      const entries = folders.get(folder) ?? new Set();
      folders.set(folder, entries.add(parts[depth] + (depth < parts.length - 1 ? '/' : '')));
    }
  }
  for (const [folder, entries] of folders) {
    const listing = [...entries].sort().join('\n');
    table.set(folder, () => text(listing));
    table.set(`${folder}/`, () => text(listing));
  }
  return table;
}

async function withCredentials(
  source: CredentialSource,
  document: (held: HeldCredentials) => Answer,
): Promise<Answer> {
  let held: HeldCredentials;
  try {
    held = await source.credentials();
  } catch (error) {
    // The text of the error names the agent's own identity, which is not the container's business.
    return error instanceof RoleDeniedError
      ? problem(403, 'AssumeRoleUnauthorizedAccess', 'This agent may not assume the role of this task.')
      : problem(503, 'ServiceUnavailable', 'There are no valid credentials at the moment; try again.');
  }
  return document(held);
}

function credentialDocument(held: HeldCredentials): Answer {
  return json({
    Code: 'Success',
    LastUpdated: isoSeconds(held.obtainedMs),
    Type: 'AWS-HMAC',
    AccessKeyId: held.accessKeyId,
    SecretAccessKey: held.secretAccessKey,
    Token: held.sessionToken,
    Expiration: isoSeconds(held.expirationMs),
  });
}

function iamInfo(role: IamRole, held: HeldCredentials): Answer {
  const digest = createHash('sha256').update(role.arn).digest('hex').toUpperCase();
  return json({
    Code: 'Success',
    LastUpdated: isoSeconds(held.obtainedMs),
    InstanceProfileArn: `arn:${role.partition}:iam::${role.accountId}:instance-profile/${role.name}`,
    InstanceProfileId: `AIPA${digest.slice(0, 17)}`,
  });
}

function identityDocument(container: ContainerIdentity, placement: Placement): Answer {
  return json({
    accountId: placement.accountId,
    architecture: arch === 'x64' ? 'x86_64' : arch,
    availabilityZone: placement.availabilityZone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: 'ami-00000000',
    instanceId: container.taskId,
    instanceType: 'stowage.task',
    kernelId: null,
    pendingTime: isoSeconds(container.preparedMs),
    privateIp: container.address,
    ramdiskId: null,
    region: placement.region,
    version: '2017-09-30',
  });
}

/** EC2's form of times: no fraction; rounded down, so never later than the truth. */
function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
