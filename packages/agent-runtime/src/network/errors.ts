/** Failures of the network that a caller sees, beyond those of the protocol. */
import { AgentError } from '@stowage/protocol';

/** Codes of the network, each with the situation and the remedy. @public */
export const NETWORK_ERRORS = {
  INVALID_SECURITY_GROUP: 'A security group or one of its rules cannot be used. Mend what the message names.',
  INVALID_NETWORK_OPTION: 'An option of the network is out of range. Pass one that is in the range named.',
  INVALID_NETWORK_DATA:
    'The journal of a task does not say which address it has. End the task and start it anew.',
  LOCAL_VPC_DAMAGED:
    'The file of the local VPC is damaged or belongs to another range. End all tasks of the agent and remove it.',
  ADDRESS_CONFLICT: 'Two tasks of an earlier run claim one address or interface. End one of them.',
  ADDRESS_CLASS_TAKEN:
    'Two addresses of one host have the same low 16 bits. Give the host subnets of one range no larger than a /16.',
  CONTAINER_NETWORK_SHARED:
    'A container is in the network of the host and cannot be connected. Make it with a network of its own.',
  SECURITY_GROUPS_NOT_SET:
    'The cloud did not show new security groups of an interface in time. Try again; see whether the cloud is slow.',
  TASK_RELEASED: 'A task was released while it waited for an address. Nothing is to be done.',
} as const;

/** @public */
export type NetworkErrorCode = keyof typeof NETWORK_ERRORS;

export function networkError(code: NetworkErrorCode, message: string): AgentError {
  return new AgentError(code, message);
}
