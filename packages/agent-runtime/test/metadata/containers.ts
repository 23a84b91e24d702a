/** Two containers with everything that may be told of them, and what must never reach anybody else. */
import type { ContainerIdentity, Placement } from '../../src/metadata/metadata-documents.ts';
import { parseRoleArn } from '../../src/metadata/iam-role.ts';
import type { CredentialSource } from '../../src/metadata/role-session.ts';

export const PLACEMENT: Placement = {
  region: 'eu-west-1',
  availabilityZone: 'eu-west-1b',
  availabilityZoneId: 'euw1-az2',
  accountId: '123456789012',
};

/** Valid credentials at once. */
export function credentialsFor(name: string): CredentialSource {
  const held = {
    accessKeyId: `KEY-${name}`,
    secretAccessKey: `SECRET-${name}`,
    sessionToken: `TOKEN-${name}`,
    expirationMs: 1_800_003_600_900,
    obtainedMs: 1_800_000_000_000,
  };
  return { credentials: () => Promise.resolve(held) };
}

export function container(
  name: string,
  address: string,
  over: Partial<ContainerIdentity> = {},
): ContainerIdentity {
  const iamRole = parseRoleArn(`arn:aws:iam::123456789012:role/team/role-${name}`)!;
  return {
    taskId: `task-${name}`,
    address,
    requireToken: false,
    role: { iamRole, source: credentialsFor(name) },
    preparedMs: 1_800_000_000_000,
    ...over,
  };
}

/** Every path that `container` serves, written out by hand. */
export function knownPaths(name: string): readonly string[] {
  const paths = [
    '',
    '/',
    '/dynamic',
    '/dynamic/',
    '/dynamic/instance-identity',
    '/dynamic/instance-identity/',
    '/dynamic/instance-identity/document',
    '/meta-data',
    '/meta-data/',
    '/meta-data/hostname',
    '/meta-data/iam',
    '/meta-data/iam/',
    '/meta-data/iam/info',
    '/meta-data/iam/security-credentials',
    '/meta-data/iam/security-credentials/',
    `/meta-data/iam/security-credentials/role-${name}`,
    '/meta-data/instance-id',
    '/meta-data/local-hostname',
    '/meta-data/local-ipv4',
    '/meta-data/mac',
    '/meta-data/placement',
    '/meta-data/placement/',
    '/meta-data/placement/availability-zone',
    '/meta-data/placement/availability-zone-id',
    '/meta-data/placement/region',
  ];
  return ['/', ...paths.map((path) => `/latest${path}`), ...paths.map((path) => `/1.0${path}`)];
}
