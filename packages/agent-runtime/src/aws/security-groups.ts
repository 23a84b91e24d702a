/**
 * Security groups of an interface. Groups that do not exist are the task's fault and not the cloud's: they become an
 * `InvalidContainerError`, so that the task fails at once and is not tried again.
 */
import { InvalidContainerError } from '../contract/container-backend.ts';
import { AwsCallError } from './aws-errors.ts';
import type { Ec2Context } from './ec2-context.ts';
import type { OwnInterface } from './own-interface.ts';

const BAD_GROUPS = new Set([
  'InvalidGroup.NotFound',
  'InvalidGroupId.Malformed',
  'InvalidSecurityGroupID.NotFound',
  'InvalidSecurityGroupId.Malformed',
  'SecurityGroupsPerInterfaceLimitExceeded',
]);

/** Sorted, without duplicates: as EC2 keeps them. */
export function groupSet(groups: readonly string[]): readonly string[] {
  return [...new Set(groups)].sort();
}

/** @param groups a {@link groupSet} */
export function hasGroups(own: OwnInterface, groups: readonly string[]): boolean {
  return own.securityGroups.length === groups.length && groups.every((id, i) => own.securityGroups[i] === id);
}

/** @throws InvalidContainerError when a group does not exist */
export async function setGroups(
  context: Ec2Context,
  interfaceId: string,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const input = { NetworkInterfaceId: interfaceId, Groups: [...groups] };
  await context
    .repeatable('ModifyNetworkInterfaceAttribute', signal, (ec2, options) =>
      ec2.modifyNetworkInterfaceAttribute(input, options),
    )
    .catch(asGroupError);
}

/** Throws again what a call that names groups threw. */
export function asGroupError(error: unknown): never {
  if (error instanceof AwsCallError && isAboutGroups(error)) {
    throw new InvalidContainerError(error.message, { cause: error });
  }
  throw error;
}

function isAboutGroups({ awsCode, message }: AwsCallError): boolean {
  // A general code, which EC2 also uses for groups of another VPC ("Error codes for the Amazon EC2 API").
  if (awsCode === 'InvalidParameter') return /security group/i.test(message);
  return BAD_GROUPS.has(awsCode);
}
