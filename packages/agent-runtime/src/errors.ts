/** The one list of codes that this package adds to those of the protocol; `docs/errors.md` is checked against it. */
import { AGENT_ERRORS, type AgentErrorCode } from './agent/errors.ts';
import { AWS_ERRORS, type AwsErrorCode } from './aws/aws-errors.ts';
import { NETWORK_ERRORS, type NetworkErrorCode } from './network/errors.ts';

const SERVICE_ERRORS = {
  METADATA_LISTEN_FAILED: 'The metadata service cannot listen in the namespace of the router.',
  METADATA_ADDRESS_TAKEN: 'Another task is still registered at the address of a container.',
  METADATA_NO_ADDRESS: 'A task with metadata has no address of its own.',
  METRICS_ADDRESS_UNUSABLE: 'The address for numbers is in use or must not be used.',
} as const;

/** @public */
export type AgentRuntimeErrorCode =
  AgentErrorCode | NetworkErrorCode | AwsErrorCode | keyof typeof SERVICE_ERRORS;

/**
 * Codes of `@stowage/agent-runtime`, each with the situation it reports.
 * @public
 */
export const AGENT_RUNTIME_ERRORS: Readonly<Record<AgentRuntimeErrorCode, string>> = {
  ...AGENT_ERRORS,
  ...NETWORK_ERRORS,
  ...AWS_ERRORS,
  ...SERVICE_ERRORS,
};
